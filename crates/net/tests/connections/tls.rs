//! Which servers are trusted, and what is said of the others (F3).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use net::{Network, Settings};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;

use crate::peers::{Ca, config, listen, tls_before};
use crate::support::{World, echo, echoes, failure, opens_or_says, url, with_ca};

const PLACE: &str = "im.example.test:443";
const ADDRESS: &str = "wss://im.example.test/";

#[tokio::test]
async fn a_private_ca_is_trusted_by_the_account_that_names_it_and_by_no_other() {
    let (world, ca, directory) = (World::new(), Ca::new(), tempfile::tempdir().unwrap());
    world.place(PLACE, tls_before(ca.server(&["im.example.test"]), echo().await).await);
    let trusting = world.network(&with_ca(ca.file(directory.path())));
    assert!(echoes(trusting.open(&url(ADDRESS)).await.unwrap()).await);

    let reason = failure(&world.network(&Settings::default()), ADDRESS).await;
    assert!(reason.contains("nobody trusted here has signed") && reason.contains("option ca"), "{reason}");
    let other = world.network(&with_ca(Ca::named("another CA").file(directory.path())));
    assert!(failure(&other, ADDRESS).await.contains("nobody trusted here has signed"));
    let anew = world.network(&with_ca(Ca::new().file(directory.path())));
    let reason = failure(&anew, ADDRESS).await;
    assert!(reason.contains("is not signed by the CA of that name"), "{reason}");
}

#[tokio::test]
async fn the_api_is_reached_with_the_same_trust() {
    let (ca, directory) = (Ca::new(), tempfile::tempdir().unwrap());
    let api = listen(|mut stream| async move {
        crate::peers::read_head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await
    })
    .await;
    let port = tls_before(ca.server(&["127.0.0.1"]), api).await.port();
    let address = format!("https://127.0.0.1:{port}/");
    let trusting = Network::new(&with_ca(ca.file(directory.path()))).unwrap().http().unwrap().client().unwrap();
    assert_eq!(trusting.get(&address).send().await.unwrap().text().await.unwrap(), "ok");

    let error = Network::new(&Settings::default())
        .unwrap()
        .http()
        .unwrap()
        .client()
        .unwrap()
        .get(&address)
        .send()
        .await
        .unwrap_err();
    let reason = net::http_reason(&error).unwrap();
    assert!(reason.contains("nobody trusted here has signed"), "{reason}");
}

#[tokio::test]
async fn the_roots_node_is_told_of_are_trusted_too() {
    let (world, ca, directory) = (World::new(), Ca::new(), tempfile::tempdir().unwrap());
    world.place(PLACE, tls_before(ca.server(&["im.example.test"]), echo().await).await);
    let file = ca.file(directory.path());
    let environment = [("NODE_EXTRA_CA_CERTS", file.to_str().unwrap())];
    let network = world.outlet_in(&Settings::default(), &environment).unwrap();
    assert!(echoes(network.open(&url(ADDRESS)).await.unwrap()).await);
    let missing = [("NODE_EXTRA_CA_CERTS", "/nowhere/ca.pem")];
    let network = world.outlet_in(&Settings::default(), &missing).expect("as with Node, it adds nothing");
    assert!(failure(&network, ADDRESS).await.contains("nobody trusted"));
}

#[tokio::test]
async fn a_certificate_outside_its_time_is_refused_with_its_dates() {
    let (ca, directory) = (Ca::new(), tempfile::tempdir().unwrap());
    let file = ca.file(directory.path());
    for (from, until, expected) in [
        (2001, 2002, "the server's certificate has expired on 2002-01-01 (today is 20"),
        (2090, 2099, "the server's certificate is valid only from 2090-01-01 on (here it is 20"),
    ] {
        let world = World::new();
        world.place(PLACE, tls_before(ca.server_valid(&["im.example.test"], from, until), echo().await).await);
        let reason = failure(&world.network(&with_ca(file.clone())), ADDRESS).await;
        assert!(reason.starts_with(expected), "{reason}");
    }
}

#[tokio::test]
async fn a_certificate_of_another_name_is_refused_with_both_names() {
    let (world, ca, directory) = (World::new(), Ca::new(), tempfile::tempdir().unwrap());
    world.place(PLACE, tls_before(ca.server(&["other.example.test", "*.sub.test"]), echo().await).await);
    let reason = failure(&world.network(&with_ca(ca.file(directory.path()))), ADDRESS).await;
    let expected = "the server's certificate is not made out to im.example.test but to other.example.test, *.sub.test";
    assert!(reason.starts_with(expected), "{reason}");
}

#[tokio::test]
async fn names_in_any_script_are_dialled_and_checked_in_ascii() {
    let (world, ca, directory) = (World::new(), Ca::new(), tempfile::tempdir().unwrap());
    let server = tls_before(ca.server(&["xn--rss932g.example.test"]), echo().await).await;
    world.place("xn--rss932g.example.test:443", server);
    world.place("xn--rss932g.example.test:80", echo().await);
    let network = world.network(&with_ca(ca.file(directory.path())));
    for address in ["wss://聊天.example.test/", "wss://xn--rss932g.example.test/", "ws://聊天.example.test/"] {
        assert!(echoes(network.open(&url(address)).await.unwrap()).await, "{address}");
    }
}

/// A server that talks only to clients with a certificate of this CA.
fn demanding(ca: &Ca, clients: &Ca) -> Arc<ServerConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(clients.pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let (certificate, key) = ca.sign(&["im.example.test", "127.0.0.1"], 2001, 2099);
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(
        builder.with_client_cert_verifier(verifier).with_single_cert(vec![certificate.der().clone()], key).unwrap(),
    )
}

/// The files of a client's certificate and its key.
fn client_files(clients: &Ca, directory: &Path, name: &str) -> (PathBuf, PathBuf) {
    let (certificate, key) = clients.sign(&[name], 2001, 2099);
    let files = (directory.join(format!("{name}.pem")), directory.join(format!("{name}.key.pem")));
    std::fs::write(&files.0, certificate.pem()).unwrap();
    std::fs::write(&files.1, key.serialize_pem()).unwrap();
    files
}

#[tokio::test]
async fn a_server_that_demands_a_client_certificate_gets_the_accounts() {
    let (world, ca, clients, directory) = (World::new(), Ca::new(), Ca::named("clients"), tempfile::tempdir().unwrap());
    world.place(PLACE, tls_before(demanding(&ca, &clients), echo().await).await);
    let trusting = with_ca(ca.file(directory.path()));
    let (cert, key) = client_files(&clients, directory.path(), "bot");
    let with = |cert: &Path, key: &Path| Settings {
        client_cert: Some(cert.to_owned()),
        client_key: Some(key.to_owned()),
        ..trusting.clone()
    };
    assert!(echoes(world.network(&with(&cert, &key)).open(&url(ADDRESS)).await.unwrap()).await);

    // With TLS 1.3 the client learns of the refusal when it reads.
    let refusal = |network: Network| async move {
        let mut stream = network.open(&url(ADDRESS)).await.unwrap();
        net::reason(&stream.read_u8().await.unwrap_err())
    };
    let reason = refusal(world.network(&trusting)).await;
    let expected =
        "the server wants a certificate of the client; name its PEM files in the account's options clientCert";
    assert!(reason.starts_with(expected), "{reason}");
    let (cert, key) = client_files(&Ca::named("strangers"), directory.path(), "stranger");
    let reason = refusal(world.network(&with(&cert, &key))).await;
    assert!(reason.starts_with("the server does not accept the certificate of the client ("), "{reason}");
}

#[tokio::test]
async fn the_api_gets_the_client_certificate_too() {
    let (ca, clients, directory) = (Ca::new(), Ca::named("clients"), tempfile::tempdir().unwrap());
    let api = listen(|mut stream| async move {
        crate::peers::read_head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").await
    });
    let port = tls_before(demanding(&ca, &clients), api.await).await.port();
    let (cert, key) = client_files(&clients, directory.path(), "bot");
    let settings = Settings { client_cert: Some(cert), client_key: Some(key), ..with_ca(ca.file(directory.path())) };
    let client = Network::new(&settings).unwrap().http().unwrap().client().unwrap();
    let answer = client.get(format!("https://127.0.0.1:{port}/")).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "ok");

    // Without one, the refusal comes in place of the answer.
    let without = Settings { client_cert: None, client_key: None, ..settings };
    let client = Network::new(&without).unwrap().http().unwrap().client().unwrap();
    let error = client.get(format!("https://127.0.0.1:{port}/")).send().await.unwrap_err();
    let reason = net::refused_certificate(&error).unwrap_or_default();
    assert!(reason.starts_with("the server wants a certificate of the client"), "{reason} {error:?}");
}

#[test]
fn files_of_a_client_certificate_that_cannot_be_used_are_refused() {
    let (clients, directory) = (Ca::named("clients"), tempfile::tempdir().unwrap());
    let write = |name: &str, bytes: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let (cert, key) = client_files(&clients, directory.path(), "bot");
    let (_, other) = client_files(&clients, directory.path(), "other");
    let missing = directory.path().join("missing.pem");
    let empty = write("empty.pem", b"");
    let der = write("binary", &[0x30, 0x82, 0x01]);
    let locked =
        write("locked.pem", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n");
    let odd = write("odd.pem", b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n");
    for (cert, key, option, expected) in [
        (&missing, &key, "clientCert", "cannot be read"),
        (&cert, &missing, "clientKey", "cannot be read"),
        (&empty, &key, "clientCert", "is empty"),
        (&cert, &empty, "clientKey", "is empty"),
        (&der, &key, "clientCert", "is in binary form; convert it: openssl x509"),
        (&cert, &der, "clientKey", "is in binary form; convert it: openssl pkey"),
        (&key, &key, "clientCert", "holds no certificate"),
        (&cert, &cert, "clientKey", "holds no private key"),
        (&cert, &locked, "clientKey", "is protected by a password; write it without one"),
        (&cert, &odd, "clientKey", "holds a key of a kind that TLS does not use"),
        (&cert, &other, "clientKey", "holds the key of another certificate than clientCert"),
    ] {
        let settings =
            Settings { client_cert: Some(cert.clone()), client_key: Some(key.clone()), ..Settings::default() };
        let error = Network::new(&settings).map(drop).expect_err("it is refused");
        assert_eq!(error.kind(), base::Kind::Config);
        let path = if option == "clientCert" { cert } else { key };
        let text = error.to_string();
        assert!(text.starts_with(&format!("{option}: {} ", path.display())) && text.contains(expected), "{text}");
    }
}

#[tokio::test]
async fn a_named_self_signed_certificate_is_trusted_unless_it_is_a_ca() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("own.pem");
    for (is_ca, expected) in [(false, None), (true, Some("the server shows the CA's certificate itself"))] {
        let (config, pem) = self_signed(&["im.example.test"], is_ca);
        std::fs::write(&file, pem).unwrap();
        let world = World::new();
        world.place(PLACE, tls_before(config, echo().await).await);
        let network = world.network(&with_ca(file.clone()));
        opens_or_says(&network, ADDRESS, expected).await;
    }
}

#[tokio::test]
async fn a_port_without_tls_is_told_from_one_that_hangs_up() {
    let world = World::new();
    let plain = listen(|mut stream| async move {
        let mut hello = [0; 16];
        stream.read_exact(&mut hello).await?;
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await
    });
    world.place(PLACE, plain.await);
    let network = world.network(&Settings::default());
    let reason = failure(&network, ADDRESS).await;
    assert!(reason.starts_with("what answers there does not speak TLS; write ws://"), "{reason}");

    let mute = listen(|mut stream| async move {
        let mut hello = [0; 16];
        stream.read_exact(&mut hello).await?;
        stream.shutdown().await
    });
    world.place(PLACE, mute.await);
    let reason = failure(&network, ADDRESS).await;
    assert!(reason.starts_with("it hung up during the TLS handshake"), "{reason}");
    assert_eq!(failure(&network, "wss://nobody.test/").await, "nothing listens there");
}

/// A server that answers the first hello with these bytes.
async fn answering(bytes: Vec<u8>) -> std::net::SocketAddr {
    listen(move |mut stream| {
        let bytes = bytes.clone();
        async move {
            let mut head = [0; 5];
            stream.read_exact(&mut head).await?;
            let mut hello = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
            stream.read_exact(&mut hello).await?;
            stream.write_all(&bytes).await?;
            stream.shutdown().await
        }
    })
    .await
}

#[tokio::test]
async fn versions_older_than_1_2_are_refused_and_alerts_are_put_into_words() {
    let alert = |description: u8| vec![0x15, 0x03, 0x03, 0x00, 0x02, 0x02, description];
    // A hello of TLS 1.1: version, random, no session, a cipher suite of its time.
    let hello = [&[0x03, 0x02][..], &[7; 32], &[0x00, 0xc0, 0x13, 0x00]].concat();
    let length = u8::try_from(hello.len()).unwrap();
    let old = [&[0x16, 0x03, 0x02, 0x00, length + 4, 0x02, 0x00, 0x00, length][..], &hello].concat();
    for (answer, expected) in [
        (old, "the server knows no TLS newer than 1.1"),
        (alert(70), "the server knows no TLS newer than 1.1"),
        (alert(40), "the server refused the TLS handshake"),
        (alert(112), "the server knows no certificate for this name"),
        (alert(116), "the server wants a certificate of the client"),
        (alert(48), "the server does not accept the certificate of the client (UnknownCA)"),
        (alert(80), "the TLS handshake failed: received fatal alert"),
    ] {
        let world = World::new();
        world.place(PLACE, answering(answer).await);
        let reason = failure(&world.network(&Settings::default()), ADDRESS).await;
        assert!(reason.starts_with(expected), "{expected}: {reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tls_handshake_that_hangs_is_left_after_eight_seconds() {
    let (network, _held) = hanging();
    let began = Instant::now();
    let reason = failure(&network, ADDRESS).await;
    assert!(reason.starts_with("the TLS handshake is not answered"), "{reason}");
    assert_eq!(began.elapsed().as_secs(), 8);
    assert!(began.elapsed() < Duration::from_secs(9));
}

/// An outlet over memory, whose far ends are held and say nothing.
fn hanging() -> (Network, tokio::sync::mpsc::Receiver<tokio::io::DuplexStream>) {
    struct Memory(tokio::sync::mpsc::Sender<tokio::io::DuplexStream>);
    impl net::Dialer for Memory {
        fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> net::BoxFuture<'a, std::io::Result<Box<dyn net::Stream>>> {
            Box::pin(async move {
                let (ours, theirs) = tokio::io::duplex(1 << 16);
                self.0.send(theirs).await.unwrap();
                Ok(Box::new(ours) as Box<dyn net::Stream>)
            })
        }
    }
    let (sender, held) = tokio::sync::mpsc::channel(4);
    (Network::over(std::sync::Arc::new(Memory(sender))), held)
}

#[test]
fn a_ca_file_that_gives_nothing_is_refused_by_its_name_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let der = rcgen::generate_simple_self_signed(vec!["x".to_owned()]).unwrap().cert.der().to_vec();
    for (path, expected) in [
        (directory.path().join("missing.pem"), "cannot be read"),
        (directory.path().to_owned(), "cannot be read (it is not a file)"),
        (write("empty.pem", b""), "is empty"),
        (write("key.pem", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "holds no certificate"),
        (write("ca.der", &der), "is in binary form; convert it: openssl x509"),
        (write("bad.pem", b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"), "that is damaged"),
    ] {
        let error = Network::new(&with_ca(path.clone())).map(drop).expect_err("it is refused");
        let text = error.to_string();
        assert_eq!(error.kind(), base::Kind::Config);
        assert!(text.starts_with(&format!("ca: {} ", path.display())) && text.contains(expected), "{text}");
    }
}

/// A server whose certificate is nobody's but its own.
fn self_signed(names: &[&str], is_ca: bool) -> (Arc<ServerConfig>, String) {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = date_time_ymd(2001, 1, 1);
    if is_ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (config(certificate.der().clone(), &key), certificate.pem())
}
