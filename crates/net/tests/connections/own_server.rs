//! The exemption of the account's own server from the address guard: which addresses it covers, and which it never does.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base::{Error, Kind, Result};
use net::{Downloaded, Limits, Network};
use tempfile::TempDir;

use crate::peers::{Routes, http_proxy};
use crate::support::{World, allowing, answering, echo, ok, url, with_server};

const PUBLIC: &str = "93.184.216.34";
const SOCKET: &str = "ws://im.lan:10001";
const FILES: &str = "http://im.lan:10002/object/";
const BODY: &[u8] = b"the file";
const LIMITS: Limits = Limits { max_bytes: 1000, timeout: Duration::from_secs(20) };

fn moved(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n")
}

/// An account whose server has its socket and its files on `im.lan`.
struct Scene {
    world: Arc<World>,
    network: Network,
    directory: TempDir,
}

impl Scene {
    /// `im.lan` has these addresses, one look-up after the other; the first is that of the login.
    async fn logged_in(addresses: &[&[&str]]) -> Self {
        let world = World::new();
        world.name("im.lan", addresses);
        world.place(&format!("{}:10001", addresses[0][0]), echo().await);
        let network = world.network(&with_server(SOCKET, FILES));
        network.open(&url(SOCKET)).await.unwrap();
        Self { world, network, directory: tempfile::tempdir().unwrap() }
    }

    async fn serving(self, place: &str, answer: impl Into<Vec<u8>>) -> Self {
        self.world.place(place, answering(answer).await);
        self
    }

    async fn fetch(&self, address: &str) -> Result<Downloaded> {
        self.network.download(address, &LIMITS, self.directory.path()).await
    }

    /// The error of a download, which reached no other places than these after the login.
    async fn refusal(&self, address: &str, reached: &[&str]) -> Error {
        let error = self.fetch(address).await.expect_err(address);
        assert_eq!(self.world.dialled()[1..], *reached, "{error}");
        assert_eq!(std::fs::read_dir(self.directory.path()).map_or(0, Iterator::count), 0);
        error
    }
}

#[tokio::test]
async fn files_of_a_private_server_are_fetched_from_the_logins_address() {
    let scene = Scene::logged_in(&[&["10.0.0.7"]]).await.serving("10.0.0.7:10002", ok("", BODY)).await;
    assert_eq!(scene.fetch("http://im.lan:10002/object/bot/a").await.unwrap().size, BODY.len() as u64);
    assert_eq!(scene.world.dialled(), ["10.0.0.7:10001", "10.0.0.7:10002"]);
}

#[tokio::test]
async fn other_paths_and_ports_of_the_own_server_are_not_exempt() {
    let scene = Scene::logged_in(&[&["10.0.0.7"]]).await;
    for address in [
        "http://im.lan:10002/third/prometheus",
        "http://im.lan:10002/object/../third/prometheus",
        "http://im.lan:10002/object/%2e%2e%2fthird/prometheus",
        "http://im.lan:10002/",
        "http://im.lan:10001/object/a",
        "http://im.lan/object/a",
        "https://im.lan:10002/object/a",
        "http://10.0.0.7:10002/object/a",
    ] {
        assert_eq!(scene.refusal(address, &[]).await.kind(), Kind::Download, "{address}");
    }
}

#[tokio::test]
async fn a_redirect_from_another_path_of_the_own_server_leads_nowhere() {
    // The host is named besides, so its other paths can be fetched. That makes none of its other ports reachable.
    let mut settings = with_server(SOCKET, FILES);
    settings.media_hosts = allowing(&["im.lan:10002"]).media_hosts;
    let world = World::new();
    world.name("im.lan", &[&["10.0.0.7"]]);
    world.place("10.0.0.7:10002", answering(moved("http://10.0.0.7:13000/d/dashboard")).await);
    let (network, directory) = (world.network(&settings), tempfile::tempdir().unwrap());
    let error = network.download("http://im.lan:10002/third/prometheus", &LIMITS, directory.path()).await.unwrap_err();
    assert!(error.to_string().starts_with("http://10.0.0.7:13000 is not fetched"), "{error}");
}

#[tokio::test]
async fn a_public_server_never_leads_to_a_private_address() {
    let object = "http://im.lan:10002/object/a";
    // Its name has a private address besides the public one.
    let scene = Scene::logged_in(&[&[PUBLIC], &[PUBLIC, "10.0.0.5"]]).await;
    let scene = scene.serving("93.184.216.34:10002", moved("http://10.0.0.5:6379/x")).await;
    let error = scene.refusal(object, &["93.184.216.34:10002"]).await;
    assert!(error.to_string().contains("10.0.0.5, a private address"), "{error}");
    // Its name leads to a private address after the login.
    for private in ["10.0.0.5", "127.0.0.1", "::1", "fd12::1"] {
        let scene = Scene::logged_in(&[&[PUBLIC], &[private]]).await;
        let error = scene.refusal(object, &[]).await;
        assert!(error.to_string().contains("im.lan:10002 is not fetched: it leads to "), "{error}");
    }
    // The socket is public, and the files' host has been private from the beginning.
    let world = World::new();
    world.name("ws.example.test", &[&[PUBLIC]]);
    world.name("api.example.test", &[&["10.0.0.5"]]);
    world.place("93.184.216.34:10001", echo().await);
    world.place("10.0.0.5:10002", answering(ok("", BODY)).await);
    let settings = with_server("ws://ws.example.test:10001", "http://api.example.test:10002/object/");
    let (network, directory) = (world.network(&settings), tempfile::tempdir().unwrap());
    network.open(&url("ws://ws.example.test:10001")).await.unwrap();
    let fetched = network.download("http://api.example.test:10002/object/a", &LIMITS, directory.path()).await;
    assert_eq!(fetched.unwrap_err().kind(), Kind::Download);
    assert_eq!(world.dialled(), ["93.184.216.34:10001"]);
}

#[tokio::test]
async fn a_private_server_that_moves_is_fetched_from_after_the_next_login() {
    let scene = Scene::logged_in(&[&["10.0.0.7"], &["10.0.0.8"]]).await.serving("10.0.0.8:10002", ok("", BODY)).await;
    let object = "http://im.lan:10002/object/a";
    assert!(scene.refusal(object, &[]).await.to_string().contains("10.0.0.8, a private address"));
    scene.world.place("10.0.0.8:10001", echo().await);
    scene.network.open(&url(SOCKET)).await.unwrap();
    scene.fetch(object).await.unwrap();
}

#[tokio::test]
async fn the_files_host_is_connected_to_once_to_learn_its_address() {
    let world = World::new();
    world.name("ws.lan", &[&["10.0.0.7"]]);
    world.name("api.lan", &[&["10.0.0.8"]]);
    world.place("10.0.0.7:10001", echo().await);
    world.place("10.0.0.8:10002", answering(ok("", BODY)).await);
    let network = world.network(&with_server("ws://ws.lan:10001", "http://api.lan:10002/object/"));
    network.open(&url("ws://ws.lan:10001")).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        network.download("http://api.lan:10002/object/a", &LIMITS, directory.path()).await.unwrap();
    }
    assert_eq!(world.dialled(), ["10.0.0.7:10001", "10.0.0.8:10002", "10.0.0.8:10002", "10.0.0.8:10002"]);
}

#[tokio::test]
async fn an_address_that_the_operator_wrote_as_a_number_needs_no_login() {
    let world = World::new();
    world.place("10.0.0.7:10002", answering(ok("", BODY)).await);
    let network = world.network(&with_server("ws://10.0.0.7:10001", "http://10.0.0.7:10002/object/"));
    let directory = tempfile::tempdir().unwrap();
    let fetch = |address: &'static str| network.download(address, &LIMITS, directory.path());
    fetch("http://10.0.0.7:10002/object/a").await.unwrap();
    assert_eq!(fetch("http://10.0.0.7:6379/object/a").await.unwrap_err().kind(), Kind::Download);
}

#[tokio::test]
async fn behind_a_proxy_no_name_is_exempt() {
    let (world, routes) = (World::new(), Routes::new(&[("10.0.0.7:10002", answering(ok("", BODY)).await)]));
    world.name("im.lan", &[&["10.0.0.7"]]);
    world.place("proxy.lan:3128", http_proxy(routes.clone()).await);
    let mut settings = with_server(SOCKET, FILES);
    settings.proxy = Some("http://proxy.lan:3128".to_owned().into());
    let directory = tempfile::tempdir().unwrap();
    let fetch = |network: Network, path: &Path| {
        let path = path.to_owned();
        async move { network.download("http://im.lan:10002/object/a", &LIMITS, &path).await }
    };
    let error = fetch(world.network(&settings), directory.path()).await.unwrap_err();
    assert!(error.to_string().contains("add \"im.lan:10002\" to the account's mediaHosts"), "{error}");
    settings.media_hosts = allowing(&["im.lan:10002"]).media_hosts;
    fetch(world.network(&settings), directory.path()).await.unwrap();
    assert_eq!(routes.asked(), ["10.0.0.7:10002"]);
}

#[tokio::test]
async fn the_own_server_may_redirect_to_its_storage_and_no_further() {
    for (to, answered) in [
        ("http://im.lan:10005/bucket/a", true),
        ("http://10.0.0.7:10005/bucket/a", true),
        ("http://10.0.0.8:10005/bucket/a", false),
        ("http://10.0.0.7:22/bucket/a", false),
        ("http://localhost:10005/bucket/a", false),
        ("http://169.254.169.254/a", false),
    ] {
        let scene = Scene::logged_in(&[&["10.0.0.7"]]).await;
        scene.world.name("localhost", &[&["127.0.0.1"]]);
        let scene = scene.serving("10.0.0.7:10002", moved(to)).await.serving("10.0.0.7:10005", ok("", BODY)).await;
        let fetched = scene.fetch("http://im.lan:10002/object/a").await;
        assert_eq!(fetched.is_ok(), answered, "{to}: {fetched:?}");
        let direct = scene.fetch(to).await.expect_err("nobody but the server says so");
        assert_eq!(direct.kind(), Kind::Download);
    }
    // The storage's word counts no more than a stranger's.
    let scene = Scene::logged_in(&[&["10.0.0.7"]]).await;
    let scene = scene.serving("10.0.0.7:10002", moved("http://10.0.0.7:10005/a")).await;
    let scene = scene.serving("10.0.0.7:10005", moved("http://10.0.0.7:6379/b")).await;
    let error = scene.refusal("http://im.lan:10002/object/a", &["10.0.0.7:10002", "10.0.0.7:10005"]).await;
    assert!(error.to_string().contains("http://10.0.0.7:6379 is not fetched"), "{error}");
}

#[tokio::test]
async fn files_are_put_only_to_the_addresses_of_the_login() {
    let refused = |scene: Scene, address: &'static str| async move {
        scene.network.storage(&url(address)).await.expect_err(address).to_string()
    };
    let private = || Scene::logged_in(&[&["10.0.0.7"], &["10.0.0.8"]]);
    private().await.network.storage(&url("http://10.0.0.7:10005/part")).await.unwrap();
    // The name leads elsewhere by now.
    assert!(refused(private().await, "http://im.lan:10005/part").await.contains("10.0.0.8, a private address"));
    assert!(refused(private().await, "http://10.0.0.9:8500/v1/kv/x").await.contains("10.0.0.9, a private address"));
    assert!(refused(private().await, "http://10.0.0.7:25/").await.contains("port 25 belongs to another protocol"));
    let public = Scene::logged_in(&[&[PUBLIC], &["127.0.0.1"]]).await;
    assert!(refused(public, "http://im.lan:2379/part").await.contains("this machine itself"));
    let public = Scene::logged_in(&[&[PUBLIC]]).await;
    assert!(refused(public, "http://127.0.0.1:2379/part").await.contains("this machine itself"));
}
