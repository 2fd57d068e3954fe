//! The address guard: what a stranger writes leads to places where files may come from, and never to a private address
//! that nobody has allowed. A name is looked up once, all its addresses are judged, and exactly these are dialled.

mod address;
mod ports;
mod public_entries;

use std::net::IpAddr;

use base::{Error, Kind, Result};
use tracing::debug;
use url::{Host, Url};

pub(crate) use self::address::{Leads, leads};
pub(crate) use self::public_entries::PublicEntries;
use crate::dial::Resolver;
use crate::host_patterns::HostPatterns;
use crate::limits::PLACE_SHOWN_MAX;

/// Where one request may go.
pub(crate) struct Allowed<'a> {
    /// The hosts that the operator has named. Their private addresses are allowed.
    pub(crate) named: &'a HostPatterns,
    /// Those of them that give no access to private addresses.
    pub(crate) public_entries: &'a PublicEntries,
    /// Other private addresses that are allowed, on every port.
    pub(crate) private: &'a [IpAddr],
    /// Whether the request is for a file of the account's own server.
    pub(crate) is_own: bool,
    /// Whether the named hosts are the only ones.
    pub(crate) only_named: bool,
}

/// Whether the operator has named the host of an address.
pub(crate) fn is_named(url: &Url, named: &HostPatterns) -> bool {
    url.host_str().is_some_and(|host| named.has_host(host, port(url)))
}

fn port(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or_default()
}

/// The addresses that an URL may be fetched from, or the reason why it may not.
pub(crate) async fn check(url: &Url, resolver: &dyn Resolver, allowed: &Allowed<'_>) -> Result<Vec<IpAddr>> {
    let checked = judged(url, resolver, allowed).await;
    if let Err(error) = &checked {
        debug!(place = place(url), %error, "an address was refused");
    }
    checked
}

async fn judged(url: &Url, resolver: &dyn Resolver, allowed: &Allowed<'_>) -> Result<Vec<IpAddr>> {
    let host = host_of(url)?;
    let is_named = is_named(url, allowed.named);
    if allowed.only_named && !is_named && !allowed.named.has_networks() {
        return Err(unlisted(url));
    }
    let (found, by_name) = match host {
        Host::Ipv4(address) => (vec![address.into()], is_named),
        Host::Ipv6(address) => (vec![address.into()], is_named),
        Host::Domain(name) => {
            if is_local(name) && !is_named && allowed.private.is_empty() {
                return Err(refuse(url, &remedy(url, "a name of this machine")));
            }
            let found = look_up(url, name, resolver).await?;
            let by_name = allowed.public_entries.is_private(allowed.named, (name, port(url)), &found);
            (found, by_name)
        }
    };
    let in_networks = |address: IpAddr| allowed.named.has_address(address, port(url));
    let allows = |address: IpAddr| by_name || in_networks(address) || allowed.private.contains(&address.to_canonical());
    let (good, bad): (Vec<_>, Vec<_>) =
        found.iter().map(|address| judge(url, *address, &allows)).partition(Result::is_ok);
    // Of a host that somebody vouches for, some addresses are enough. A stranger's host has to lead to good ones only.
    let is_known = is_named || allowed.is_own || !allowed.private.is_empty();
    match bad.into_iter().find_map(Result::err) {
        Some(error) if good.is_empty() || !is_known => Err(error),
        _ if allowed.only_named && !is_named && !found.iter().copied().all(in_networks) => Err(unlisted(url)),
        _ if ports::is_blocked(port(url)) && !is_named && !allowed.is_own => {
            Err(refuse(url, &format!("port {} belongs to another protocol", port(url))))
        }
        _ => Ok(good.into_iter().flatten().collect()),
    }
}

/// The host of an address of the kind that is fetched.
fn host_of(url: &Url) -> Result<Host<&str>> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse(url, "only http and https are fetched"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse(url, "an address with a user or password in it is not fetched"));
    }
    if url.port() == Some(0) {
        return Err(refuse(url, "it names no port"));
    }
    url.host().ok_or_else(|| refuse(url, "it names no host"))
}

async fn look_up(url: &Url, name: &str, resolver: &dyn Resolver) -> Result<Vec<IpAddr>> {
    let failed = |why: &str| Error::new(Kind::Offline, format!("{}: {why}", place(url)));
    let found = resolver
        .resolve(name)
        .await
        .map_err(|error| failed(&format!("its name cannot be looked up on this machine ({error})")).caused_by(error))?;
    if found.is_empty() { Err(failed("its name has no address")) } else { Ok(found) }
}

fn judge(url: &Url, address: IpAddr, allows: &dyn Fn(IpAddr) -> bool) -> Result<IpAddr> {
    match leads(address) {
        Leads::Out => Ok(address),
        Leads::Inside(_) if allows(address) => Ok(address),
        Leads::Inside(what) => Err(refuse(url, &remedy(url, &format!("{address}, {what}")))),
        Leads::Nowhere(what) => Err(refuse(url, &format!("it leads to {address}, {what}"))),
    }
}

fn remedy(url: &Url, what: &str) -> String {
    let entry = entry(url);
    format!("it leads to {what}; if files of this server are kept there, add \"{entry}\" to the account's mediaHosts")
}

fn unlisted(url: &Url) -> Error {
    let entry = entry(url);
    let why = format!(
        "it is no file of the account's own server; to fetch from there, add \"{entry}\" to the account's mediaHosts, or set \
         mediaSources to \"any\""
    );
    refuse(url, &why)
}

/// A redirect from https leads to an address of http.
pub(crate) fn downgraded(url: &Url) -> Error {
    let why = format!(
        "a redirect from https does not lead to http; give the storage an https address, or add \"{}\" to the account's \
         mediaHosts",
        entry(url)
    );
    refuse(url, &why)
}

/// The place as an entry of `mediaHosts`.
fn entry(url: &Url) -> String {
    format!("{}:{}", shown(url.host_str().unwrap_or_default()), port(url))
}

fn is_local(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    ["localhost", "localdomain"]
        .iter()
        .any(|local| name == *local || name.strip_suffix(local).is_some_and(|rest| rest.ends_with('.')))
}

/// A refusal. Asking again does not help.
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
