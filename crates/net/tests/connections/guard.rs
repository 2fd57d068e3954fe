//! Where a message may not send us: a table of hostile addresses, each refused with its reason, and nothing dialled.

use std::net::{IpAddr, Ipv4Addr};

use base::Kind;
use net::{Limits, Network};
use proptest::prelude::*;

use tokio::io::AsyncWriteExt as _;

use crate::peers::{listen, read_head};
use crate::support::{World, allowing, anywhere, url};

async fn refusal(network: &Network, address: &str) -> base::Error {
    let directory = tempfile::tempdir().unwrap();
    let error = network.download(address, &Limits::default(), directory.path()).await.expect_err(address);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "{address} left something behind");
    error
}

#[tokio::test]
async fn hostile_addresses_are_refused_each_with_its_reason() {
    const HERE: &str = "this machine itself";
    const PRIVATE: &str = "a private address";
    const KEYS: &str = "where clouds keep their metadata service";
    let table = [
        // Schemes.
        ("file:///etc/passwd", "only http and https"),
        ("ftp://files.example.test/x", "only http and https"),
        ("gopher://10.0.0.1:6379/_FLUSHALL", "only http and https"),
        ("data:text/plain,hello", "only http and https"),
        ("javascript:alert(1)", "only http and https"),
        ("unix:/var/run/docker.sock", "only http and https"),
        ("/etc/passwd", "is no address"),
        ("", "is no address"),
        ("http://", "is no address"),
        ("http://exa mple.test/", "is no address"),
        ("http://1.2.3.4.5/", "is no address"),
        ("http://256.256.256.256/", "is no address"),
        ("http://public.example.test:0/", "names no port"),
        // Somebody's password for somebody else.
        ("http://user:pw@public.example.test/", "a user or password"),
        ("http://public.example.test@127.0.0.1/", "a user or password"),
        // This machine, by every name it has.
        ("http://localhost/", "a name of this machine"),
        ("http://LOCALHOST./", "a name of this machine"),
        ("http://x.localhost:9200/", "a name of this machine"),
        ("http://localhost.localdomain/", "a name of this machine"),
        ("http://127.0.0.1/", HERE),
        ("http://127.0.0.1./", HERE),
        ("http://127.1/", HERE),
        ("http://127.0.1:8080/", HERE),
        ("http://2130706433/", HERE),
        ("http://0x7f000001/", HERE),
        ("http://0x7f.0x0.0x0.0x1/", HERE),
        ("http://017700000001/", HERE),
        ("http://0177.0.0.01/", HERE),
        ("http://%31%32%37.0.0.1/", HERE),
        // Other scripts, which become digits, dots and letters of ASCII.
        ("http://１２７.０.０.１/", HERE),
        ("http://127。0。0。1/", HERE),
        ("http://①②⑦.⓪.⓪.①/", HERE),
        ("http://127.0.0.\u{ad}1/", HERE),
        ("http://０ｘ７ｆ.1/", HERE),
        ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "a name of this machine"),
        ("http://loca\u{200b}lhost/", "a name of this machine"),
        ("http://ＬＯＣＡＬＨＯＳＴ。/", "a name of this machine"),
        ("http://１６９.254.169.254/", KEYS),
        ("http://１０.0.0.1/", PRIVATE),
        ("http://bücher.example.test/", PRIVATE),
        ("http://xn--bcher-kva.example.test/", PRIVATE),
        ("http://xn--a.example.test/", "is no address"),
        ("http:\\\\127.0.0.1\\x", HERE),
        ("http:///127.0.0.1/", HERE),
        ("http://127.0.0.1:80#@public.example.test/", HERE),
        ("http://[::1]/", HERE),
        ("http://[0:0:0:0:0:0:0:1]:6379/", HERE),
        ("http://[::ffff:127.0.0.1]/", HERE),
        ("http://[::ffff:7f00:1]/", HERE),
        ("http://[::127.0.0.1]/", HERE),
        ("http://[64:ff9b::127.0.0.1]/", HERE),
        ("http://[2002:7f00:1::]/", HERE),
        ("http://0/", "no address of a host"),
        ("http://0.0.0.0:22/", "no address of a host"),
        ("http://[::]/", "no address of a host"),
        // The networks around it.
        ("http://10.0.0.1/", PRIVATE),
        ("http://012.1.2.3/", PRIVATE),
        ("http://167772161/", PRIVATE),
        ("http://172.16.0.1/", PRIVATE),
        ("http://172.31.255.254/", PRIVATE),
        ("http://192.168.0.1/", PRIVATE),
        ("http://0xc0a80001/", PRIVATE),
        ("http://[::ffff:10.0.0.1]/", PRIVATE),
        ("http://[fd12:3456::1]/", PRIVATE),
        ("http://[fc00::1]/", PRIVATE),
        ("http://[fec0::1]/", PRIVATE),
        ("http://100.64.0.1/", "inside a provider's network"),
        ("http://198.18.0.1/", "which some proxies put"),
        // Where clouds hand out keys.
        ("http://169.254.169.254/latest/meta-data/", KEYS),
        ("http://2852039166/", KEYS),
        ("http://0xa9fea9fe/", KEYS),
        ("http://0251.0376.0251.0376/", KEYS),
        ("http://[::ffff:169.254.169.254]/", KEYS),
        ("http://[::a9fe:a9fe]/", KEYS),
        ("http://[64:ff9b::a9fe:a9fe]/", KEYS),
        ("http://169.254.170.2/v2/credentials", KEYS),
        ("http://100.100.100.200/", "a cloud's metadata service"),
        ("http://168.63.129.16/", "a cloud's metadata service"),
        ("http://192.0.0.192/", "a cloud's metadata service"),
        ("http://[fd00:ec2::254]/", "a cloud's metadata service"),
        ("http://[fd20:ce::254]/", "a cloud's metadata service"),
        ("http://[fd00:42::42]/", "a cloud's metadata service"),
        // Nobody.
        ("http://224.0.0.1/", "a multicast address"),
        ("http://[ff02::1]/", "a multicast address"),
        ("http://255.255.255.255/", "a reserved address"),
        ("http://192.0.2.1/", "a reserved address"),
        ("http://[2001:db8::1]/", "a reserved address"),
        ("http://[fe80::1]/", "a link-local address"),
        ("http://[2001::1]/", "a tunnel's address"),
        ("http://[64:ff9b:1::1]/", "no address of a host"),
        // Names that lead there.
        ("http://to-loopback.example.test/", HERE),
        ("http://to-private.example.test/", PRIVATE),
        ("http://to-metadata.example.test/", KEYS),
        ("http://to-mapped.example.test/", HERE),
        ("http://good-and-bad.example.test/", PRIVATE),
        ("http://to-nothing.example.test/", "its name has no address"),
        ("http://unknown.example.test/", "its name cannot be looked up"),
        ("http://metadata.google.internal/", KEYS),
    ];
    let world = World::new();
    world.name("to-loopback.example.test", &[&["127.0.0.1"]]);
    world.name("to-private.example.test", &[&["192.168.1.10"]]);
    world.name("to-metadata.example.test", &[&["169.254.169.254"]]);
    world.name("to-mapped.example.test", &[&["::ffff:127.0.0.1"]]);
    world.name("good-and-bad.example.test", &[&["93.184.216.34", "10.0.0.1"]]);
    world.name("to-nothing.example.test", &[&[]]);
    world.name("xn--bcher-kva.example.test", &[&["10.0.0.1"]]);
    world.name("metadata.google.internal", &[&["169.254.169.254"]]);
    let network = world.network(&anywhere());
    for (address, expected) in table {
        let error = refusal(&network, address).await;
        assert!(error.to_string().contains(expected), "{address}: {error}");
    }
    assert_eq!(world.dialled(), [] as [&str; 0], "nothing was dialled for any of them");
}

#[tokio::test]
async fn a_refusal_names_the_place_and_the_remedy_and_nothing_behind_the_place() {
    let network = World::new().network(&anywhere());
    let error = refusal(&network, "http://10.1.2.3:9000/bucket/a.png?X-Amz-Signature=s3cret").await;
    assert_eq!(error.kind(), Kind::Download);
    assert!(!error.is_retryable());
    let text = error.to_string();
    assert!(text.starts_with("http://10.1.2.3:9000 is not fetched: it leads to 10.1.2.3, a private address"), "{text}");
    assert!(text.contains("add \"10.1.2.3:9000\" to the account's mediaHosts") && !text.contains("s3cret"), "{text}");
    let long = format!("http://{}.test/", "a.".repeat(120));
    assert!(refusal(&network, &long).await.to_string().len() < 400);
}

#[tokio::test]
async fn what_the_operator_names_is_allowed_and_what_hands_out_keys_never() {
    let settings =
        allowing(&["im.lan:10002", "10.1.0.0/16", "192.168.7.7:9000", ".cdn.lan", "169.254.0.0/16", "localhost:81"]);
    let world = World::new();
    for (name, address) in [
        ("im.lan", "10.9.9.9"),
        ("a.cdn.lan", "172.16.5.5"),
        ("cdn.lan.evil.test", "172.16.5.5"),
        ("keys.cdn.lan", "169.254.169.254"),
        ("fake.test", "10.1.7.7"),
        ("localhost", "127.0.0.1"),
    ] {
        world.name(name, &[&[address]]);
    }
    let network = world.network(&settings);
    // Allowed means dialled: nothing listens in this world.
    for address in [
        "http://im.lan:10002/",
        "http://IM.LAN.:10002/",
        "http://10.1.2.3/",
        "http://192.168.7.7:9000/",
        "http://a.cdn.lan/",
        "http://fake.test/",
        "http://localhost:81/",
    ] {
        let error = refusal(&network, address).await;
        assert_eq!(error.kind(), Kind::Offline, "{address}: {error}");
        assert!(error.to_string().ends_with("nothing listens there"), "{address}: {error}");
    }
    let dialled = world.dialled().len();
    assert_eq!(dialled, 7);
    for address in [
        "http://im.lan/",
        "http://10.2.0.1/",
        "http://192.168.7.7/",
        "http://cdn.lan.evil.test/",
        "http://169.254.169.254/",
        "http://keys.cdn.lan/",
        "http://localhost/",
    ] {
        let error = refusal(&network, address).await;
        assert_eq!(error.kind(), Kind::Download, "{address}: {error}");
    }
    assert_eq!(world.dialled().len(), dialled);
}

#[tokio::test]
async fn files_are_put_to_the_very_address_that_was_checked() {
    let server = listen(|mut stream| async move {
        read_head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone").await
    });
    let port = server.await.port();
    let world = World::new();
    world.name("storage.lan", &[&["127.0.0.1"]]);
    world.name("elsewhere.lan", &[&["10.0.0.1"]]);
    let network = world.network(&allowing(&["storage.lan"]));
    let address = url(&format!("http://storage.lan:{port}/part"));
    let client = network.storage(&address).await.unwrap();
    let answer = client.put(address).body("bytes").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "done", "a name that no DNS knows");
    for private in ["http://elsewhere.lan/part", "http://127.0.0.1/part", "http://169.254.169.254/part"] {
        let error = network.storage(&url(private)).await.expect_err(private);
        assert_eq!(error.kind(), Kind::Download, "{error}");
    }
}

/// The ways of writing one address that browsers know, and the wrappings of IPv6.
fn notations(address: Ipv4Addr) -> Vec<String> {
    let [a, b, c, d] = address.octets();
    let whole = address.to_bits();
    let (low16, low24) = (whole & 0xffff, whole & 0xff_ffff);
    vec![
        address.to_string(),
        format!("{address}."),
        whole.to_string(),
        format!("0x{whole:x}"),
        format!("0{whole:o}"),
        format!("0x{a:X}.{b}.0{c:o}.{d}"),
        format!("{a}.{low24}"),
        format!("{a}.0x{b:x}.{low16}"),
        format!("000{a:o}.000{b:o}.000{c:o}.000{d:o}"),
        format!("%3{}{}", a.to_string().as_bytes()[0] - b'0', &format!("{address}")[1..]),
        format!("[::ffff:{address}]"),
        format!("[::{address}]"),
        format!("[0:0:0:0:0:ffff:{:x}:{low16:x}]", whole >> 16),
        format!("[64:ff9b::{address}]"),
        format!("[2002:{:x}:{low16:x}::1]", whole >> 16),
        format!("[::ffff:0:{address}]"),
    ]
}

fn private() -> impl Strategy<Value = Ipv4Addr> {
    let networks =
        [(10, 0, 8), (127, 0, 8), (172, 16, 12), (192, 168, 16), (169, 254, 16), (100, 64, 10), (0, 0, 8), (224, 0, 3)];
    (0..networks.len(), any::<u32>()).prop_map(move |(index, bits)| {
        let (a, b, length) = networks[index];
        let network = Ipv4Addr::new(a, b, 0, 0).to_bits();
        Ipv4Addr::from_bits(network | (bits & (u32::MAX >> length)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_private_address_is_refused_in_every_notation(address in private(), port in 1_u16..) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let world = World::new();
        let network = world.network(&anywhere());
        for host in notations(address) {
            let error = runtime.block_on(refusal(&network, &format!("http://{host}:{port}/")));
            prop_assert_eq!(error.kind(), Kind::Download, "{}: {}", host, error);
        }
        prop_assert!(world.dialled().is_empty());
    }

    #[test]
    fn whatever_is_written_leads_to_the_internet_or_nowhere(text in ".{0,60}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let world = World::new();
        let network = world.network(&anywhere());
        for address in [text.clone(), format!("http://{text}"), format!("https://[{text}]/")] {
            runtime.block_on(refusal(&network, &address));
        }
        for place in world.dialled() {
            let host = place.rsplit_once(':').unwrap().0.trim_matches(['[', ']']);
            let address: IpAddr = host.parse().unwrap();
            prop_assert!(!address.is_loopback() && !address.is_unspecified() && !address.is_multicast(), "{}", place);
        }
    }
}
