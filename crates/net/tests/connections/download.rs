//! Downloads from servers that answer well and from servers that do not.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base::{Error, Kind, Result};
use net::{Downloaded, Limits, Network};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Notify;

use crate::peers::{Ca, Routes, http_proxy, listen, read_head, socks_proxy, tls_before};
use crate::support::{World, answering, anywhere, gzip, ok, with_ca, with_proxy};

const PUBLIC: &str = "93.184.216.34";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and what follows";

/// One public server, `files.example.test`, and a place for what is fetched.
struct Scene {
    world: Arc<World>,
    network: Network,
    directory: TempDir,
}

impl Scene {
    async fn serving(bytes: impl Into<Vec<u8>>) -> Self {
        Self::with(answering(bytes).await)
    }

    fn with(server: SocketAddr) -> Self {
        let world = World::new();
        world.name("files.example.test", &[&[PUBLIC]]);
        world.place("93.184.216.34:80", server);
        Self { network: world.network(&anywhere()), world, directory: tempfile::tempdir().unwrap() }
    }

    async fn fetch(&self, path: &str, limits: Limits) -> Result<Downloaded> {
        self.fetch_from(&format!("http://files.example.test{path}"), limits).await
    }

    async fn fetch_from(&self, address: &str, limits: Limits) -> Result<Downloaded> {
        self.network.download(address, &limits, &self.folder()).await
    }

    /// The error, after which nothing may be left.
    async fn fails(&self, path: &str, limits: Limits) -> Error {
        let error = self.fetch(path, limits).await.expect_err(path);
        assert_eq!(files(&self.folder()), 0, "something was left behind: {error}");
        error
    }

    fn folder(&self) -> std::path::PathBuf {
        self.directory.path().join("media/in")
    }
}

fn files(directory: &Path) -> usize {
    std::fs::read_dir(directory).map_or(0, Iterator::count)
}

fn at_most(max_bytes: u64) -> Limits {
    Limits { max_bytes, ..Limits::default() }
}

#[tokio::test]
async fn a_file_arrives_whole_in_a_private_place_with_the_type_of_its_bytes() {
    let headers = "Content-Type: text/html\r\nContent-Disposition: attachment; filename=\"../../q report.exe\"\r\n";
    let scene = Scene::serving(ok(headers, PNG)).await;
    let file = scene.fetch("/object/bot/x?sig=1", Limits::default()).await.unwrap();
    assert_eq!(std::fs::read(&file.path).unwrap(), PNG);
    assert_eq!((file.size, file.content_type, file.name.as_str()), (PNG.len() as u64, "image/png", "q report.exe"));
    assert_eq!(file.path.parent(), Some(scene.folder().as_path()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file.path), mode(&scene.folder())), (0o600, 0o700));
    }
    assert_eq!(scene.world.dialled(), ["93.184.216.34:80"], "the address that was checked, not the name");

    let again = scene.fetch("/object/bot/x", Limits::default()).await.unwrap();
    assert_ne!(again.path, file.path, "two files of one name are two");
    assert_eq!(files(&scene.folder()), 2);
}

#[tokio::test]
async fn nothing_of_the_account_is_sent_but_the_request() {
    let (sender, mut heads) = tokio::sync::mpsc::channel(1);
    let server = listen(move |mut stream| {
        let sender = sender.clone();
        async move {
            let head = read_head(&mut stream).await?;
            sender.send(head).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await
        }
    })
    .await;
    let scene = Scene::with(server);
    let file = scene.fetch("/a%20b/c.txt?x=y#part", Limits::default()).await.unwrap();
    assert_eq!((file.size, file.name.as_str(), file.content_type), (0, "c.txt", "application/octet-stream"));
    let head = heads.recv().await.unwrap().to_lowercase();
    let mut lines: Vec<_> = head.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(lines.remove(0), "get /a%20b/c.txt?x=y http/1.1");
    lines.sort_unstable();
    assert_eq!(lines, ["accept", "accept-encoding", "connection", "host", "user-agent"]);
    assert!(head.contains("host: files.example.test\r\n") || head.ends_with("host: files.example.test"), "{head}");
}

#[tokio::test]
async fn a_redirect_is_followed_where_it_may_lead_and_only_so_often() {
    let scene = Scene::serving("HTTP/1.1 302 Found\r\nLocation: //storage.example.test:9000/a/pic\r\n\r\n").await;
    scene.world.name("storage.example.test", &[&["93.184.216.35"]]);
    scene.world.place("93.184.216.35:9000", answering(ok("", PNG)).await);
    let file = scene.fetch("/object/x", Limits::default()).await.unwrap();
    assert_eq!((file.name.as_str(), file.content_type), ("pic.png", "image/png"));
    assert_eq!(scene.world.dialled(), ["93.184.216.34:80", "93.184.216.35:9000"]);

    let scene = Scene::serving("HTTP/1.1 307 Temporary\r\nLocation: /again\r\n\r\n").await;
    let error = scene.fails("/object/x", Limits::default()).await;
    assert!(error.to_string().contains("redirected more than 5 times"), "{error}");
    assert_eq!(scene.world.dialled().len(), 6);
    let scene = Scene::serving("HTTP/1.1 302 Found\r\n\r\n").await;
    assert!(scene.fails("/", Limits::default()).await.to_string().contains("redirected to nowhere"));
}

#[tokio::test]
async fn a_redirect_to_a_private_place_is_refused() {
    for (to, expected) in [
        ("http://127.0.0.1:6379/", "this machine itself"),
        ("http://169.254.169.254/latest/", "metadata"),
        ("http://inner.example.test/", "a private address"),
        ("http://0x7f.1/", "this machine itself"),
        ("file:///etc/passwd", "only http and https"),
        ("http://user:pw@files.example.test/", "a user or password"),
        ("//[::1]/", "this machine itself"),
    ] {
        let scene = Scene::serving(format!("HTTP/1.1 301 Moved\r\nLocation: {to}\r\n\r\n")).await;
        scene.world.name("inner.example.test", &[&["10.0.0.1"]]);
        let error = scene.fails("/", Limits::default()).await;
        assert!(error.to_string().contains(expected), "{to}: {error}");
        assert_eq!(scene.world.dialled(), ["93.184.216.34:80"], "{to}");
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_dialled_where_it_was_checked() {
    let scene = Scene::serving(ok("", PNG)).await;
    // The first look-up is the harmless one; a client that looked again would reach this machine.
    scene.world.name("rebind.example.test", &[&[PUBLIC], &["127.0.0.1"]]);
    scene.world.place("127.0.0.1:80", answering(ok("", b"the keys")).await);
    let file = scene.fetch_from("http://rebind.example.test/x", Limits::default()).await.unwrap();
    assert_eq!(std::fs::read(file.path).unwrap(), PNG);
    assert_eq!(scene.world.dialled(), ["93.184.216.34:80"]);
    let error = scene.fetch_from("http://rebind.example.test/x", Limits::default()).await.unwrap_err();
    assert!(error.to_string().contains("this machine itself"), "{error}");

    let scene = Scene::serving("HTTP/1.1 302 Found\r\nLocation: http://rebind.example.test/next\r\n\r\n").await;
    scene.world.name("rebind.example.test", &[&[PUBLIC], &["127.0.0.1"]]);
    scene.world.place("127.0.0.1:80", answering(ok("", b"the keys")).await);
    let error = scene.fetch_from("http://rebind.example.test/x", Limits::default()).await.unwrap_err();
    assert!(error.to_string().contains("this machine itself"), "each hop is checked anew: {error}");
    assert_eq!(scene.world.dialled(), ["93.184.216.34:80"]);
}

#[tokio::test]
async fn another_address_of_the_name_is_tried_when_one_does_not_answer() {
    let scene = Scene::serving(ok("", PNG)).await;
    scene.world.name("two.example.test", &[&["2606:4700::1", PUBLIC]]);
    scene.fetch_from("http://two.example.test/x", Limits::default()).await.unwrap();
    assert_eq!(scene.world.dialled(), ["[2606:4700::1]:80", "93.184.216.34:80"]);
}

#[tokio::test]
async fn what_is_too_large_is_given_up_and_removed() {
    let chunked = |count: usize| {
        let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n", chunk.repeat(count))
    };
    for (what, answer) in [
        ("says so", ok("", &[0; 10_001])),
        ("does not say", chunked(40).into_bytes()),
        ("ends by hanging up", [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &[0; 20_000]].concat()),
        ("says a number nobody can keep", b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\nx".to_vec()),
    ] {
        let error = Scene::serving(answer).await.fails("/", at_most(10_000)).await;
        assert_eq!(error.kind(), Kind::TooLarge, "{what}: {error}");
    }
    let scene = Scene::serving(ok("", &[0; 10_000])).await;
    assert_eq!(scene.fetch("/", at_most(10_000)).await.unwrap().size, 10_000, "the limit itself is allowed");
}

#[tokio::test]
async fn gzip_is_unpacked_as_far_as_the_limit_allows() {
    let text = "a log line\n".repeat(1000);
    let scene = Scene::serving(ok("Content-Encoding: gzip\r\n", &gzip(text.as_bytes()))).await;
    let file = scene.fetch("/a.log", at_most(11_000)).await.unwrap();
    assert_eq!((file.size, file.content_type), (11_000, "text/plain"));
    assert_eq!(std::fs::read_to_string(file.path).unwrap(), text);

    // 50 MB of zeros in 50 KB, and the same packed twice.
    let bomb = gzip(&vec![0; 50_000_000]);
    let scene = Scene::serving(ok("Content-Encoding: gzip\r\n", &bomb)).await;
    assert_eq!(scene.fails("/", at_most(1_000_000)).await.kind(), Kind::TooLarge);
    for (headers, body, expected) in [
        ("Content-Encoding: gzip\r\n", b"not gzip at all".to_vec(), "is not the gzip"),
        ("Content-Encoding: gzip\r\n", gzip(text.as_bytes())[..40].to_vec(), "is not the gzip"),
        ("Content-Encoding: br\r\n", b"x".to_vec(), "packed in a way that was not asked for"),
        ("Content-Encoding: gzip, gzip\r\n", b"x".to_vec(), "packed in a way that was not asked for"),
    ] {
        let error = Scene::serving(ok(headers, &body)).await.fails("/", Limits::default()).await;
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn what_is_cut_off_is_removed() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nContent-",
        "",
        "220 mail.example.test ESMTP\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    ] {
        let error = Scene::serving(answer).await.fails("/", Limits::default()).await;
        assert_eq!(error.kind(), Kind::Offline, "{answer:?}: {error}");
        assert!(error.is_retryable());
    }
    let endless = format!("HTTP/1.1 200 OK\r\n{}", format!("X: {}\r\n", "y".repeat(1000)).repeat(200));
    let error = Scene::serving(endless).await.fails("/", Limits::default()).await;
    assert!(error.to_string().contains("does not answer as HTTP servers do"), "{error}");
}

#[tokio::test]
async fn refusals_of_the_server_are_told_by_their_kind() {
    for (status, kind) in [
        (404, Kind::Download),
        (403, Kind::Download),
        (206, Kind::Download),
        (407, Kind::Download),
        (429, Kind::Server),
        (500, Kind::Server),
        (503, Kind::Server),
    ] {
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 9\r\n\r\n<html>no!");
        let error = Scene::serving(answer).await.fails("/a?sig=s3cret", Limits::default()).await;
        assert_eq!(error.kind(), kind, "{status}: {error}");
        let text = format!("{error} {error:?}");
        assert!(error.to_string().contains(&status.to_string()) && !text.contains("s3cret"), "{text}");
    }
}

/// A server that sends a first piece and then only what the test lets through.
async fn dripping(go: Arc<Notify>) -> SocketAddr {
    listen(move |mut stream| {
        let go = go.clone();
        async move {
            read_head(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome").await?;
            go.notified().await;
            Ok(())
        }
    })
    .await
}

#[tokio::test]
async fn what_is_too_slow_is_given_up_and_removed() {
    let scene = Scene::with(dripping(Arc::default()).await);
    let limits = Limits { timeout: Duration::from_millis(300), ..Limits::default() };
    let error = scene.fails("/", limits).await;
    assert_eq!(error.kind(), Kind::Timeout);
    assert_eq!(error.to_string(), "http://files.example.test was not fetched within 0.3 s");
    let mute = listen(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
        Ok(())
    })
    .await;
    assert_eq!(Scene::with(mute).fails("/", limits).await.kind(), Kind::Timeout);
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_removed() {
    let scene = Scene::with(dripping(Arc::default()).await);
    let folder = scene.folder();
    let fetching = tokio::spawn(async move { scene.fetch("/", Limits::default()).await.map(drop) });
    while files(&folder) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    fetching.abort();
    assert!(fetching.await.unwrap_err().is_cancelled());
    assert_eq!(files(&folder), 0);
}

#[tokio::test]
async fn what_a_killed_process_has_left_behind_is_swept_away() {
    let scene = Scene::serving(ok("", PNG)).await;
    std::fs::create_dir_all(scene.folder()).unwrap();
    let day = Duration::from_secs(24 * 60 * 60);
    let now = std::fs::metadata(scene.directory.path()).unwrap().modified().unwrap();
    for (name, age) in [("1-0.part", 2 * day), ("1-1.part", day / 2), ("1-2-kept.png", 9 * day)] {
        let file = std::fs::File::create(scene.folder().join(name)).unwrap();
        file.set_modified(now - age).unwrap();
    }
    let file = scene.fetch("/x", Limits::default()).await.unwrap();
    assert_eq!(file.size, PNG.len() as u64);
    let there = |name: &str| scene.folder().join(name).exists();
    assert_eq!(["1-0.part", "1-1.part", "1-2-kept.png"].map(there), [false, true, true]);
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_named() {
    let scene = Scene::serving(ok("", PNG)).await;
    let taken = scene.directory.path().join("taken");
    std::fs::write(&taken, "a file").unwrap();
    let error = scene.network.download("http://files.example.test/x", &Limits::default(), &taken).await.unwrap_err();
    assert!(error.to_string().contains(&format!("could not be written to {}", taken.display())), "{error}");
}

#[tokio::test]
async fn tls_is_checked_by_name_although_the_address_is_dialled() {
    let (world, ca, directory) = (World::new(), Ca::new(), tempfile::tempdir().unwrap());
    let behind = answering(ok("", PNG)).await;
    world.place("93.184.216.34:443", tls_before(ca.server(&["files.example.test"]), behind).await);
    world.name("files.example.test", &[&[PUBLIC]]);
    world.name("other.example.test", &[&[PUBLIC]]);
    let network = world.network(&with_ca(ca.file(directory.path())));
    let fetch = |address: &'static str| {
        let (network, folder) = (network.clone(), directory.path().join("in"));
        async move { network.download(address, &Limits::default(), &folder).await }
    };
    assert_eq!(fetch("https://files.example.test./x").await.unwrap().size, PNG.len() as u64);
    let error = fetch("https://other.example.test/x").await.unwrap_err();
    assert!(error.to_string().contains("is not made out to other.example.test but to files.example.test"), "{error}");
}

#[tokio::test]
async fn names_in_any_script_are_looked_up_in_ascii() {
    for address in
        ["http://bücher.example.test/x", "http://BÜCHER。example.test/x", "http://xn--bcher-kva.example.test/x"]
    {
        let scene = Scene::serving(ok("", PNG)).await;
        scene.world.name("xn--bcher-kva.example.test", &[&[PUBLIC]]);
        assert_eq!(scene.fetch_from(address, Limits::default()).await.unwrap().size, PNG.len() as u64, "{address}");
        assert_eq!(scene.world.dialled(), ["93.184.216.34:80"]);
    }
    let scene = Scene::serving("HTTP/1.1 302 Found\r\nLocation: http://①②⑦.0.0.1/\r\n\r\n").await;
    let error = scene.fails("/", Limits::default()).await;
    assert!(error.to_string().contains("this machine itself"), "{error}");
}

#[tokio::test]
async fn behind_a_proxy_the_proxy_gets_the_checked_address_and_never_the_name() {
    let server = answering(ok("", PNG)).await;
    let routes = Routes::new(&[("93.184.216.34:80", server), ("[2606:4700::1]:80", server)]);
    for proxy in ["http", "socks5", "socks5h"] {
        routes.asked.lock().unwrap().clear();
        let world = World::new();
        let address =
            if proxy == "http" { http_proxy(routes.clone()).await } else { socks_proxy(routes.clone()).await };
        world.place("proxy.lan:3128", address);
        world.name("files.example.test", &[&[PUBLIC]]);
        world.name("six.example.test", &[&["2606:4700::1"]]);
        world.name("inner.example.test", &[&["10.0.0.1"]]);
        let network = world.network(&with_proxy(&format!("{proxy}://proxy.lan:3128")));
        let directory = tempfile::tempdir().unwrap();
        let fetch = |address: &'static str| network.download(address, &LIMITS, directory.path());
        fetch("http://files.example.test/x").await.unwrap();
        fetch("http://six.example.test/x").await.unwrap();
        let error = fetch("http://inner.example.test/x").await.unwrap_err();
        assert!(error.to_string().contains("a private address"), "{error}");
        assert_eq!(routes.asked(), ["93.184.216.34:80", "[2606:4700::1]:80"], "{proxy}");
        assert_eq!(world.dialled(), ["proxy.lan:3128"; 2]);
    }
}

const LIMITS: Limits = Limits { max_bytes: 1000, timeout: Duration::from_secs(20) };
