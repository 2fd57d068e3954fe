//! Judges IP addresses: public, private, or never to be fetched from. An address that wraps another one is judged by the
//! inner one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The kind of network that an address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leads {
    /// The internet.
    Out,
    /// A private network; allowed where the operator says so.
    Inside(&'static str),
    /// No place for files, or the metadata service of a cloud; never allowed.
    Nowhere(&'static str),
}

use Leads::{Inside, Nowhere, Out};

/// The metadata services of clouds outside the link-local range. They give out keys of the machine.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(192, 0, 0, 192)];
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254),
    Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254),
    Ipv6Addr::new(0xfd00, 0x0042, 0, 0, 0, 0, 0, 0x0042),
];

pub(crate) fn leads(address: IpAddr) -> Leads {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

fn v4(address: Ipv4Addr) -> Leads {
    if METADATA_V4.contains(&address) {
        return Nowhere("a cloud's metadata service");
    }
    match address.octets() {
        [0, ..] => Nowhere("no address of a host"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Inside("a private address"),
        [100, 64..=127, ..] => Inside("an address inside a provider's network"),
        [127, ..] => Inside("this machine itself"),
        [169, 254, ..] => Nowhere("a link-local address, where clouds keep their metadata service"),
        [192, 0, 0, _] | [192, 0, 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Nowhere("a reserved address")
        }
        [198, 18..=19, ..] => Inside("an address for tests, which some proxies put in the place of real ones"),
        [224..=239, ..] => Nowhere("a multicast address"),
        [240..=255, ..] => Nowhere("a reserved address"),
        _ => Out,
    }
}

fn v6(address: Ipv6Addr) -> Leads {
    if METADATA_V6.contains(&address) {
        return Nowhere("a cloud's metadata service");
    }
    if let Some(inner) = wrapped(address) {
        return v4(inner);
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Inside("this machine itself"),
        [0xfc00..=0xfdff, ..] => Inside("a private address"),
        [0xfe80..=0xfebf, ..] => Nowhere("a link-local address"),
        [0xfec0..=0xfeff, ..] => Inside("a private address"),
        [0xff00..=0xffff, ..] => Nowhere("a multicast address"),
        // Teredo hides an address behind another host's.
        [0x2001, 0x0000, ..] => Nowhere("a tunnel's address"),
        // Benchmarks, ORCHID, documentation.
        [0x2001, 0x0002, 0x0000, ..]
        | [0x2001, 0x0010..=0x002f, ..]
        | [0x2001, 0x0db8, ..]
        | [0x3fff, 0x0000..=0x0fff, ..] => Nowhere("a reserved address"),
        [0x2000..=0x3fff, ..] => Out,
        _ => Nowhere("no address of a host"),
    }
}

/// The IPv4 address inside: mapped, compatible, translated, NAT64, 6to4, ISATAP.
fn wrapped(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let of = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        // `::` and `::1` are addresses of their own.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x0064, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..]
        | [_, _, _, _, 0x0000 | 0x0200, 0x5efe, high, low] => Some(of(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_internet_lead_out() {
        for address in [
            "1.1.1.1",
            "93.184.216.34",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "192.0.1.1",
            "223.255.255.254",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2002:0101:0101::1",
        ] {
            assert_eq!(leads(address.parse().unwrap()), Out, "{address}");
        }
    }

    #[test]
    fn every_other_range_is_named_in_every_wrapping() {
        let v4 = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
        ];
        for plain in v4 {
            let [a, b, c, d] = plain.parse::<Ipv4Addr>().unwrap().octets();
            let hex = format!("{a:02x}{b:02x}:{c:02x}{d:02x}");
            for shape in [
                plain.to_owned(),
                format!("::ffff:{hex}"),
                format!("::ffff:0:{hex}"),
                format!("64:ff9b::{hex}"),
                format!("2002:{hex}::1"),
                format!("2606:4700::5efe:{hex}"),
                format!("2606:4700::200:5efe:{hex}"),
            ] {
                let address: IpAddr = shape.parse().unwrap();
                assert_ne!(leads(address), Out, "{shape}");
                assert_eq!(leads(address), leads(plain.parse().unwrap()), "{shape}");
            }
        }
        for v6 in [
            "::",
            "::1",
            "::7f00:1",
            "::a9fe:a9fe",
            "fc00::1",
            "fd12::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fd00:42::42",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
            "64:ff9b:1::1",
            "4000::1",
            "5f00::1",
            "1::1",
        ] {
            assert_ne!(leads(v6.parse().unwrap()), Out, "{v6}");
        }
    }

    #[test]
    fn the_key_boxes_of_clouds_lead_nowhere() {
        for address in [
            "169.254.169.254",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fd00:42::42",
            "::ffff:169.254.169.254",
        ] {
            assert!(matches!(leads(address.parse().unwrap()), Nowhere(_)), "{address}");
        }
    }
}
