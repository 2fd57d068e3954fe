//! The address guard: whatever a stranger writes leads only to the internet, or to a place the operator has named. A name
//! is looked up once, all its addresses are judged, and those very addresses are dialled; a name that changes its mind
//! afterwards is not asked again.

mod address;

use std::net::IpAddr;

use base::{Error, Kind, Result};
use url::{Host, Url};

use self::address::{Leads, leads};
use crate::dial::Resolver;
use crate::host_patterns::HostPatterns;
use crate::limits::PLACE_SHOWN_MAX;

/// What may be reached beside the internet.
pub(crate) struct Inside<'a> {
    /// What the operator has named.
    pub(crate) allow: &'a HostPatterns,
    /// Where a named host was found that has sent us on: its object storage often stands on another port of it.
    pub(crate) beside: &'a [IpAddr],
}

impl Inside<'_> {
    /// Whether a host is named, which makes it as good as the operator's word.
    pub(crate) fn names(&self, url: &Url) -> bool {
        let port = url.port_or_known_default().unwrap_or_default();
        url.host_str().is_some_and(|host| self.allow.has_host(host, port))
    }

    fn has(&self, url: &Url, address: IpAddr) -> bool {
        let port = url.port_or_known_default().unwrap_or_default();
        self.names(url) || self.beside.contains(&address) || self.allow.has_address(address, port)
    }
}

/// The addresses an URL may be fetched from, or why it may not.
pub(crate) async fn check(url: &Url, resolver: &dyn Resolver, inside: &Inside<'_>) -> Result<Vec<IpAddr>> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse(url, "only http and https are fetched"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse(url, "an address with a user or password in it is not fetched"));
    }
    let Some(host) = url.host() else {
        return Err(refuse(url, "it names no host"));
    };
    if url.port() == Some(0) {
        return Err(refuse(url, "it names no port"));
    }
    let found = match host {
        Host::Ipv4(address) => vec![address.into()],
        Host::Ipv6(address) => vec![address.into()],
        Host::Domain(name) => {
            if is_local(name) && !inside.names(url) && inside.beside.is_empty() {
                return Err(refuse(url, &remedy(url, "a name of this machine")));
            }
            look_up(url, name, resolver).await?
        }
    };
    for address in &found {
        judge(url, *address, inside)?;
    }
    Ok(found)
}

async fn look_up(url: &Url, name: &str, resolver: &dyn Resolver) -> Result<Vec<IpAddr>> {
    let failed = |why: &str| Error::new(Kind::Offline, format!("{}: {why}", place(url)));
    let found = resolver
        .resolve(name)
        .await
        .map_err(|error| failed(&format!("its name cannot be looked up on this machine ({error})")).caused_by(error))?;
    if found.is_empty() { Err(failed("its name has no address")) } else { Ok(found) }
}

fn judge(url: &Url, address: IpAddr, inside: &Inside<'_>) -> Result<()> {
    match leads(address) {
        Leads::Out => Ok(()),
        Leads::Inside(_) if inside.has(url, address) => Ok(()),
        Leads::Inside(what) => Err(refuse(url, &remedy(url, &format!("{address}, {what}")))),
        Leads::Nowhere(what) => Err(refuse(url, &format!("it leads to {address}, {what}"))),
    }
}

fn remedy(url: &Url, what: &str) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    let host = shown(url.host_str().unwrap_or_default());
    format!(
        "it leads to {what}; if files of this server are kept there, add \"{host}:{port}\" to the account's mediaHosts"
    )
}

fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    ["localhost", "localdomain"]
        .iter()
        .any(|local| name == *local || name.strip_suffix(local).is_some_and(|rest| rest.ends_with('.')))
}

/// A refusal; whoever asks again gets it again.
pub(crate) fn refuse(url: &Url, why: &str) -> Error {
    Error::new(Kind::Download, format!("{} is not fetched: {why}", place(url)))
}

/// Scheme, host and port: what follows may be a key to the file.
pub(crate) fn place(url: &Url) -> String {
    let host = url.host_str().map(shown).unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{host}{port}", url.scheme())
}

fn shown(host: &str) -> String {
    host.chars().take(PLACE_SHOWN_MAX).collect()
}
