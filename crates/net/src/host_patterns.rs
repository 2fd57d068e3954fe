//! A list of hosts as operators write it, for instance in `NO_PROXY`: names with all subdomains, addresses, networks, each
//! with a port or without, or `*`. Names may be written in any script.

use std::net::IpAddr;

use url::Host;

/// The list. What cannot be read is kept out of it by [`HostPatterns::parse`] and named by [`HostPattern::parse`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostPatterns(Vec<HostPattern>);

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern {
    what: What,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Everything,
    /// In small letters, without a dot at either end; `exact` leaves out what is under it.
    Name {
        name: String,
        exact: bool,
    },
    Network {
        address: IpAddr,
        bits: u8,
    },
}

impl HostPatterns {
    /// Entries between commas or blanks.
    pub fn parse(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
        Self(entries.filter_map(|entry| HostPattern::parse(entry, false)).collect())
    }

    pub fn new(places: Vec<HostPattern>) -> Self {
        Self(places)
    }

    /// Whether a host as it stands in an address, name or number, is on the list.
    pub fn has_host(&self, host: &str, port: u16) -> bool {
        self.entries_of(host, port).next().is_some()
    }

    /// The places in the list of the entries for a host.
    pub(crate) fn entries_of(&self, host: &str, port: u16) -> impl Iterator<Item = usize> {
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        let fits = move |what: &What| match (what, address) {
            (What::Everything, _) => true,
            (What::Network { address: network, bits }, Some(address)) => within(address, *network, *bits),
            (What::Name { name, exact }, None) => {
                host == *name || (!exact && host.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.')))
            }
            _ => false,
        };
        self.0
            .iter()
            .enumerate()
            .filter(move |(_, place)| place.port.is_none_or(|wanted| wanted == port) && fits(&place.what))
            .map(|(index, _)| index)
    }

    /// Whether an address is on the list by its number.
    pub fn has_address(&self, address: IpAddr, port: u16) -> bool {
        self.on(port).any(|what| matches!(what, What::Network { address: n, bits } if within(address, *n, *bits)))
    }

    /// Whether an entry is an address or a network.
    pub fn has_networks(&self) -> bool {
        self.0.iter().any(|place| matches!(place.what, What::Network { .. }))
    }

    fn on(&self, port: u16) -> impl Iterator<Item = &What> {
        self.0.iter().filter(move |place| place.port.is_none_or(|wanted| wanted == port)).map(|place| &place.what)
    }
}

impl HostPattern {
    /// Exactly this host and port.
    pub fn exactly(host: &str, port: u16) -> Option<Self> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let what = What::parse(bare, true)?;
        Some(Self { what, port: Some(port) })
    }

    /// Reads `*`, `name`, `.name`, `*.name`, an address or a network, with or without `:port`. A name stands for what is
    /// under it, too, unless it is to be taken exactly; then only `.name` and `*.name` do.
    pub fn parse(entry: &str, exact: bool) -> Option<Self> {
        let (host, port) = match entry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, rest)) => (address, rest.strip_prefix(':')),
            None if entry.matches(':').count() > 1 => (entry, None),
            None => entry.split_once(':').map_or((entry, None), |(host, port)| (host, Some(port))),
        };
        let port = port.map(str::parse).transpose().ok()?;
        Some(Self { what: What::parse(host, exact)?, port })
    }

    /// Whether it stands for every place there is.
    pub fn is_everything(&self) -> bool {
        matches!(self.what, What::Everything | What::Network { bits: 0, .. })
    }
}

impl What {
    fn parse(text: &str, exact: bool) -> Option<Self> {
        if text == "*" {
            return Some(Self::Everything);
        }
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        if let Ok(address) = address.parse::<IpAddr>() {
            let all = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Ok(all), str::parse).ok().filter(|bits| *bits <= all)?;
            return Some(Self::Network { address, bits });
        }
        let under = text.starts_with('.') || text.starts_with("*.");
        let name = in_ascii(text.trim_start_matches('*').trim_matches('.'))?;
        let readable = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
        (!name.is_empty() && readable).then_some(Self::Name { name, exact: exact && !under })
    }
}

/// A name in small letters of ASCII, as it stands in a parsed address.
fn in_ascii(name: &str) -> Option<String> {
    if name.is_ascii() {
        return Some(name.to_ascii_lowercase());
    }
    match Host::parse(name).ok()? {
        Host::Domain(name) => Some(name),
        // Digits of another script.
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

fn within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address.to_canonical(), network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            a.to_bits() & mask == n.to_bits() & mask
        }
        (IpAddr::V6(a), IpAddr::V6(n)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            a.to_bits() & mask == n.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_lists_are_read_as_operators_write_them() {
        let places = HostPatterns::parse(
            "example.com, .corp.local,*.lan 10.0.0.0/8,[fd00::1]:8080,192.0.2.7:81,host:99,2001:db8::/32",
        );
        for (host, port) in [
            ("example.com", 443),
            ("EXAMPLE.com.", 443),
            ("a.b.example.com", 80),
            ("corp.local", 1),
            ("x.corp.local", 1),
            ("nas.lan", 1),
            ("10.200.3.4", 1),
            ("[fd00::1]", 8080),
            ("192.0.2.7", 81),
            ("host", 99),
            ("[2001:db8::5]", 7),
        ] {
            assert!(places.has_host(host, port), "{host}:{port}");
        }
        for (host, port) in [
            ("notexample.com", 443),
            ("example.com.evil.net", 443),
            ("11.0.0.1", 1),
            ("[fd00::1]", 80),
            ("192.0.2.7", 80),
            ("host", 98),
            ("[2001:db9::5]", 7),
        ] {
            assert!(!places.has_host(host, port), "{host}:{port}");
        }
        assert!(HostPatterns::parse(" * ").has_host("anything", 1));
        assert!(!HostPatterns::parse("").has_host("anything", 1));
    }

    #[test]
    fn an_exact_place_is_that_host_and_that_port_and_nothing_under_it() {
        let places = HostPatterns::new(vec![HostPattern::exactly("im.example.com", 10002).unwrap()]);
        assert!(places.has_host("IM.example.com", 10002) && places.has_host("im.example.com.", 10002));
        assert!(!places.has_host("im.example.com", 80) && !places.has_host("a.im.example.com", 10002));
        let places = HostPatterns::new(vec![
            HostPattern::parse("minio.lan", true).unwrap(),
            HostPattern::parse(".cdn.lan", true).unwrap(),
        ]);
        assert!(places.has_host("minio.lan", 9000) && !places.has_host("a.minio.lan", 9000));
        assert!(places.has_host("a.cdn.lan", 80));
    }

    #[test]
    fn names_in_any_script_are_read() {
        let places = HostPatterns::parse("Bücher.example,.聊天.example:81,xn--fsq.lan");
        assert!(places.has_host("xn--bcher-kva.example", 1) && places.has_host("a.xn--bcher-kva.example", 1));
        assert!(places.has_host("a.xn--rss932g.example", 81) && !places.has_host("a.xn--rss932g.example", 80));
        assert!(HostPatterns::new(vec![HostPattern::exactly("例.lan", 1).unwrap()]).has_host("xn--fsq.lan", 1));
        assert!(places.has_host("xn--fsq.lan", 1));
    }

    #[test]
    fn what_is_no_place_is_not_read() {
        for odd in
            ["", "http://x/", "a b", "x:port", "10.0.0.0/33", "::1/129", ".", "x:99999", "１２７.0.0.1", "ä b.com"]
        {
            assert_eq!(HostPattern::parse(odd, false), None, "{odd}");
        }
        assert!(HostPattern::parse("0.0.0.0/0", true).unwrap().is_everything());
    }
}
