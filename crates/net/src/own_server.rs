//! The account's own server: where it keeps files, and which private addresses the account's connections have reached.
//!
//! A name proves nothing: its owner can let it lead to a private service after the login. Therefore the exemption from the
//! address guard holds for addresses that were connected to, and only while none of them was public.

use std::net::IpAddr;

use parking_lot::Mutex;
use url::{Host, Url};

use crate::guard::{Leads, leads};
use crate::host_patterns::{HostPattern, HostPatterns};
use crate::limits::STORAGE_PLACES_MAX;

/// The addresses of an account's own server, as the operator has configured them.
#[derive(Debug, Clone)]
pub struct OwnServer {
    /// The address of the socket.
    pub socket: Url,
    /// The address below which the server keeps files. Its path ends with a slash.
    pub files: Url,
}

/// The own server, and what the connections of the account have found out about it.
pub(crate) struct Own {
    server: Option<OwnServer>,
    /// Addresses that the operator has written as numbers.
    written: Vec<IpAddr>,
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    /// A connection led to a public address. From then on no private address is exempt.
    is_public: bool,
    /// The addresses of this login's connections.
    connected: Vec<IpAddr>,
    /// Whether the host of the files is among them.
    has_files_host: bool,
    /// Where the server wants files to be put.
    storage: Vec<HostPattern>,
}

impl Own {
    pub(crate) fn new(server: Option<OwnServer>) -> Self {
        let urls = server.iter().flat_map(|server| [&server.socket, &server.files]);
        let written: Vec<_> = urls.filter_map(number).collect();
        let is_public = written.iter().any(|address| leads(*address) == Leads::Out);
        let has_files_host = server.as_ref().is_some_and(|server| number(&server.files).is_some());
        Self { server, written, found: Mutex::new(Found { is_public, has_files_host, ..Found::default() }) }
    }

    /// Whether an address lies below that of the server's files.
    pub(crate) fn keeps(&self, url: &Url) -> bool {
        self.server.as_ref().is_some_and(|server| {
            url.origin() == server.files.origin()
                && url.path().starts_with(server.files.path())
                && !climbs(&url.path()[server.files.path().len()..])
        })
    }

    /// A login has connected its socket. What earlier logins have found is forgotten, but not that it was public.
    pub(crate) fn logged_in(&self, url: &Url, address: IpAddr) {
        let Some(server) = self.server.as_ref().filter(|server| server.socket.host() == url.host()) else { return };
        let mut found = self.found.lock();
        found.connected.clear();
        found.has_files_host = number(&server.files).is_some() || server.files.host() == url.host();
        found.add(address);
    }

    /// The place of the files, if no connection of this login has told its address yet.
    pub(crate) fn unknown_files_host(&self) -> Option<&Url> {
        let found = self.found.lock();
        let files = &self.server.as_ref()?.files;
        (!found.is_public && !found.has_files_host).then_some(files)
    }

    /// The files' host is at this address.
    pub(crate) fn found_files_host(&self, address: IpAddr) {
        let mut found = self.found.lock();
        found.has_files_host = true;
        found.add(address);
    }

    /// The private addresses that are exempt from the guard: numbers that the operator wrote, and those of connections.
    pub(crate) fn exempt(&self) -> Vec<IpAddr> {
        let found = self.found.lock();
        let connected = found.connected.iter().filter(|_| !found.is_public);
        self.written.iter().chain(connected).copied().collect()
    }

    /// The server wants files to be put there.
    pub(crate) fn stores_at(&self, url: &Url) {
        let place =
            url.host_str().zip(url.port_or_known_default()).and_then(|(host, port)| HostPattern::exactly(host, port));
        let mut found = self.found.lock();
        if let Some(place) = place.filter(|place| !found.storage.contains(place)) {
            if found.storage.len() >= STORAGE_PLACES_MAX {
                found.storage.remove(0);
            }
            found.storage.push(place);
        }
    }

    /// Whether the server has had files put there.
    pub(crate) fn has_stored_at(&self, url: &Url) -> bool {
        let places = HostPatterns::new(self.found.lock().storage.clone());
        url.host_str().is_some_and(|host| places.has_host(host, url.port_or_known_default().unwrap_or_default()))
    }
}

impl Found {
    fn add(&mut self, address: IpAddr) {
        let address = address.to_canonical();
        self.is_public |= leads(address) == Leads::Out;
        if !self.connected.contains(&address) {
            self.connected.push(address);
        }
    }
}

/// The address of a host that is written as a number.
fn number(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(IpAddr::from(address).to_canonical()),
        Host::Domain(_) => None,
    }
}

/// Whether a part of the path climbs up once a server decodes it.
fn climbs(path: &str) -> bool {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    decoded.split(['/', '\\']).any(|part| part == "..") || decoded.contains('%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(socket: &str, files: &str) -> Own {
        Own::new(Some(OwnServer { socket: Url::parse(socket).unwrap(), files: Url::parse(files).unwrap() }))
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_what_lies_below_the_files_is_the_servers() {
        let own = own("ws://im.lan:10001", "http://im.lan:10002/api/object/");
        let keeps = |url: &str| own.keeps(&Url::parse(url).unwrap());
        assert!(
            keeps("http://im.lan:10002/api/object/bot/a.png?type=image")
                && keeps("http://IM.lan:10002/api/object/%20x")
        );
        for url in [
            "http://im.lan:10002/object/bot/a.png",
            "http://im.lan:10002/api/third/prometheus",
            "http://im.lan:10002/api/object/../third/prometheus",
            "http://im.lan:10002/api/object/%2e%2e/third/prometheus",
            "http://im.lan:10002/api/object/..%2fthird/prometheus",
            "http://im.lan:10002/api/object/..%5cthird",
            "http://im.lan:10002/api/object/..%252fthird",
            "http://im.lan:10001/api/object/a",
            "https://im.lan:10002/api/object/a",
            "http://other.lan:10002/api/object/a",
        ] {
            assert!(!keeps(url), "{url}");
        }
    }

    #[test]
    fn a_server_that_was_public_never_exempts_a_private_address() {
        let own = own("ws://im.lan", "http://im.lan/object/");
        let url = Url::parse("ws://im.lan").unwrap();
        own.logged_in(&url, ip("10.0.0.5"));
        assert_eq!((own.exempt(), own.unknown_files_host()), (vec![ip("10.0.0.5")], None));
        own.logged_in(&url, ip("93.184.216.34"));
        assert!(own.exempt().is_empty());
        own.logged_in(&url, ip("10.0.0.5"));
        assert!(own.exempt().is_empty());
    }

    #[test]
    fn each_login_forgets_the_addresses_of_the_last() {
        let own = own("ws://ws.lan", "http://api.lan/object/");
        let url = Url::parse("ws://ws.lan").unwrap();
        own.logged_in(&url, ip("10.0.0.5"));
        assert!(own.unknown_files_host().is_some());
        own.found_files_host(ip("10.0.0.6"));
        assert_eq!((own.exempt(), own.unknown_files_host()), (vec![ip("10.0.0.5"), ip("10.0.0.6")], None));
        own.logged_in(&url, ip("10.0.0.7"));
        assert_eq!(own.exempt(), [ip("10.0.0.7")]);
        assert!(own.unknown_files_host().is_some());
        own.logged_in(&Url::parse("http://somewhere.lan").unwrap(), ip("10.0.0.8"));
        assert_eq!(own.exempt(), [ip("10.0.0.7")]);
    }

    #[test]
    fn a_number_that_the_operator_wrote_stays_exempt() {
        let own = own("wss://im.example.test", "http://10.0.0.5:10002/object/");
        own.logged_in(&Url::parse("wss://im.example.test").unwrap(), ip("93.184.216.34"));
        assert_eq!(own.exempt(), [ip("10.0.0.5")]);
    }

    #[test]
    fn places_of_storage_are_remembered_and_bounded() {
        let own = own("ws://im.lan", "http://im.lan/object/");
        let url = |port: usize| Url::parse(&format!("https://storage.test:{}/a", 9_000 + port)).unwrap();
        (0..=STORAGE_PLACES_MAX).for_each(|port| own.stores_at(&url(port)));
        assert!(
            !own.has_stored_at(&url(0)) && own.has_stored_at(&url(1)) && own.has_stored_at(&url(STORAGE_PLACES_MAX))
        );
        assert!(!own.has_stored_at(&Url::parse("https://storage.test/a").unwrap()));
    }
}
