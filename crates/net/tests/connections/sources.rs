//! Where files come from: the own server, its storage and named hosts, or anywhere; by which ports and schemes; and how one
//! sender leaves room to the others.

use std::sync::Arc;
use std::time::Duration;

use base::Kind;
use net::{Limits, MediaSources, Network, Origin, Settings};
use tokio::io::AsyncWriteExt as _;

use crate::peers::{Ca, listen, read_head, tls_before};
use crate::support::{World, allowing, answering, anywhere, ok, with_ca, with_server};

const PUBLIC: &str = "93.184.216.34";
const BODY: &[u8] = b"the file";
const LIMITS: Limits = Limits { max_bytes: 1000, timeout: Duration::from_secs(30) };

fn moved(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n")
}

/// A world in which every public name leads to one server of files.
async fn world(names: &[&str]) -> Arc<World> {
    let (world, server) = (World::new(), answering(ok("", BODY)).await);
    for name in names {
        world.name(name, &[&[PUBLIC]]);
    }
    for port in [80, 81, 9000] {
        world.place(&format!("{PUBLIC}:{port}"), server);
    }
    world
}

async fn fetch(network: &Network, address: &str) -> base::Result<u64> {
    let directory = tempfile::tempdir().unwrap();
    Ok(network.download(address, &LIMITS, directory.path()).await?.size)
}

fn server_only(media_hosts: &[&str]) -> Settings {
    let settings = with_server("ws://im.example.test", "http://im.example.test/object/");
    Settings { media_hosts: allowing(media_hosts).media_hosts, ..settings }
}

#[tokio::test]
async fn files_come_from_the_own_server_and_named_hosts_only() {
    let names = ["im.example.test", "cdn.example.test", "a.media.example.test", "elsewhere.example.test"];
    let world = world(&names).await;
    let network = world.network(&server_only(&["cdn.example.test:81", ".media.example.test"]));
    for address in ["http://im.example.test/object/a", "http://cdn.example.test:81/x", "http://a.media.example.test/x"]
    {
        assert_eq!(fetch(&network, address).await.unwrap(), BODY.len() as u64, "{address}");
    }
    let dialled = world.dialled().len();
    for address in [
        "http://elsewhere.example.test/x",
        "http://im.example.test/x",
        "http://cdn.example.test/x",
        "http://93.184.216.34/x",
        "http://nobody.knows.example.test/x",
    ] {
        let error = fetch(&network, address).await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), Kind::Download);
        assert!(text.contains("to the account's mediaHosts, or set mediaSources to \"any\""), "{text}");
    }
    assert_eq!(world.dialled().len(), dialled, "nothing was dialled for them");
}

#[tokio::test]
async fn a_named_network_lists_the_names_that_lead_into_it() {
    let world = world(&["in.example.test", "out.example.test"]).await;
    world.name("out.example.test", &[&["1.1.1.1"]]);
    let network = world.network(&server_only(&["93.184.0.0/16"]));
    fetch(&network, "http://in.example.test/x").await.unwrap();
    assert!(fetch(&network, "http://out.example.test/x").await.unwrap_err().to_string().contains("mediaSources"));
}

#[tokio::test]
async fn the_storage_is_learnt_from_redirects_and_uploads() {
    let world = world(&["im.example.test", "storage.example.test"]).await;
    let network = world.network(&server_only(&[]));
    let direct = "http://storage.example.test:9000/bucket/a";
    assert!(fetch(&network, direct).await.is_err());
    world.place("93.184.216.34:80", answering(moved(direct)).await);
    fetch(&network, "http://im.example.test/object/a").await.unwrap();
    assert!(fetch(&network, direct).await.is_err(), "a redirect holds for its file only");
    network.storage(&direct.parse().unwrap()).await.unwrap();
    fetch(&network, direct).await.unwrap();
    assert!(fetch(&network, "http://storage.example.test/bucket/a").await.is_err(), "another port is another place");
}

#[tokio::test]
async fn any_source_may_be_allowed_for_the_account_or_for_one_file() {
    let world = world(&["elsewhere.example.test"]).await;
    let address = "http://elsewhere.example.test/x";
    fetch(&world.network(&Settings { media_sources: MediaSources::Any, ..server_only(&[]) }), address).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let origin = Origin { sources: Some(MediaSources::Any), ..Origin::default() };
    let network = world.network(&server_only(&[]));
    network.download_for(&origin, address, &LIMITS, directory.path()).await.unwrap();
    assert!(fetch(&network, address).await.is_err());
}

#[tokio::test]
async fn a_named_host_that_was_public_gives_no_private_access() {
    let world = world(&[]).await;
    world.place("10.0.0.5:81", answering(ok("", BODY)).await);
    world.name("cdn.example.test", &[&[PUBLIC], &["10.0.0.5"]]);
    world.name("both.example.test", &[&["10.0.0.5", PUBLIC]]);
    world.name("new.cdn.example.test", &[&["10.0.0.5"]]);
    world.name("nas.lan", &[&["10.0.0.5"]]);
    let network = world.network(&server_only(&[".cdn.example.test", "both.example.test", "nas.lan"]));
    fetch(&network, "http://nas.lan:81/x").await.unwrap();
    fetch(&network, "http://cdn.example.test/x").await.unwrap();
    for address in ["http://cdn.example.test:81/x", "http://cdn.example.test.:81/x", "http://new.cdn.example.test:81/x"]
    {
        let error = fetch(&network, address).await.unwrap_err();
        assert!(error.to_string().contains("10.0.0.5, a private address"), "{error}");
    }
    fetch(&network, "http://both.example.test:81/x").await.unwrap();
    assert_eq!(world.dialled().last().map(String::as_str), Some("93.184.216.34:81"));
}

#[tokio::test]
async fn ports_of_other_protocols_are_never_fetched_from() {
    let world = world(&["files.example.test"]).await;
    let network = world.network(&anywhere());
    for port in [22, 25, 143, 2049, 6667, 10080] {
        let error = fetch(&network, &format!("http://files.example.test:{port}/x")).await.unwrap_err();
        assert!(error.to_string().contains(&format!("port {port} belongs to another protocol")), "{error}");
    }
    assert!(world.dialled().is_empty());
    let error =
        fetch(&world.network(&allowing(&["files.example.test:10080"])), "http://files.example.test:10080/x").await;
    assert_eq!(error.unwrap_err().kind(), Kind::Offline, "the operator may name such a port");
}

#[tokio::test]
async fn no_redirect_leads_from_https_to_http() {
    let (world, ca, directory) = (World::new(), Ca::new(), tempfile::tempdir().unwrap());
    world.name("files.example.test", &[&[PUBLIC]]);
    let behind = answering(moved("http://files.example.test/x")).await;
    world.place("93.184.216.34:443", tls_before(ca.server(&["files.example.test"]), behind).await);
    world.place("93.184.216.34:80", answering(ok("", BODY)).await);
    let settings = with_ca(ca.file(directory.path()));
    let error = fetch(&world.network(&settings), "https://files.example.test/x").await.unwrap_err();
    assert!(error.to_string().contains("a redirect from https does not lead to http"), "{error}");
    assert_eq!(world.dialled(), ["93.184.216.34:443"]);
    let named = Settings { media_hosts: allowing(&["files.example.test:80"]).media_hosts, ..settings };
    fetch(&world.network(&named), "https://files.example.test/x").await.unwrap();
}

/// A server that sends a byte now and then for ever.
async fn dripping() -> std::net::SocketAddr {
    listen(|mut stream| async move {
        read_head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n").await?;
        loop {
            stream.write_all(b"x").await?;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_sender_of_dripping_files_leaves_room_to_others_and_is_left() {
    let world = world(&["files.example.test"]).await;
    world.place("93.184.216.34:9000", dripping().await);
    let (network, directory) = (world.network(&anywhere()), tempfile::tempdir().unwrap());
    let mut dripping = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (network, directory) = (network.clone(), directory.path().to_owned());
        dripping.spawn(async move {
            let origin = Origin { sender: Some("mallory".into()), ..Origin::default() };
            network.download_for(&origin, "http://files.example.test:9000/x", &LIMITS, &directory).await
        });
    }
    while world.dialled().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let began = tokio::time::Instant::now();
    let origin = Origin { sender: Some("alice".into()), ..Origin::default() };
    network.download_for(&origin, "http://files.example.test/x", &LIMITS, directory.path()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5));
    let error = dripping.join_next().await.unwrap().unwrap().unwrap_err();
    assert!(error.to_string().contains("sends less than 10240 bytes in 10 s"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(20), "the limit of the whole download is not waited for");
}

#[tokio::test]
async fn waiting_for_a_place_does_not_count_as_time_of_the_download() {
    let slow = listen(|mut stream| async move {
        read_head(&mut stream).await?;
        tokio::time::sleep(Duration::from_millis(400)).await;
        stream.write_all(&ok("", BODY)).await
    })
    .await;
    let world = World::new();
    world.place("93.184.216.34:80", slow);
    let (network, directory) = (world.network(&anywhere()), tempfile::tempdir().unwrap());
    let limits = Limits { timeout: Duration::from_millis(1_500), ..LIMITS };
    let origin = Origin { sender: Some("alice".into()), ..Origin::default() };
    // Two at a time take two seconds together, which is more than one may take.
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (network, origin, directory) = (network.clone(), origin.clone(), directory.path().to_owned());
        all.spawn(async move { network.download_for(&origin, "http://93.184.216.34/x", &limits, &directory).await });
    }
    while let Some(fetched) = all.join_next().await {
        fetched.unwrap().unwrap();
    }
}
