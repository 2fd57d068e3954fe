//! Proxies: by CONNECT and SOCKS5, with and without a password, for websocket and REST alike.

use std::net::SocketAddr;

use net::Settings;
use tokio::io::AsyncWriteExt as _;

use crate::peers::{Ca, Routes, http_proxy, https_proxy, listen, read_head, socks_proxy, tls_before};
use crate::support::{World, echo, echoes, failure, opens_or_says, url, with_ca, with_proxy};

const PLACE: &str = "im.example.test:443";
const ADDRESS: &str = "wss://im.example.test/";
const PROXY: &str = "proxy.lan:3128";

/// A world with one proxy in it and, behind that, a server with TLS; and settings that trust it.
async fn behind(proxy: SocketAddr, settings: &str, ca: &Ca) -> (std::sync::Arc<World>, Settings, tempfile::TempDir) {
    let (world, directory) = (World::new(), tempfile::tempdir().unwrap());
    world.place(PROXY, proxy);
    let settings = Settings { ca: Some(ca.file(directory.path())), ..with_proxy(settings) };
    (world, settings, directory)
}

async fn routes(ca: &Ca) -> Routes {
    let server = tls_before(ca.server(&["im.example.test"]), echo().await).await;
    Routes::new(&[(PLACE, server), ("198.51.100.7:443", server), ("plain.example.test:80", echo().await)])
}

#[tokio::test]
async fn a_tunnel_is_asked_for_by_name_and_tls_goes_through_it() {
    let ca = Ca::new();
    let routes = routes(&ca).await;
    let (world, settings, _directory) = behind(http_proxy(routes.clone()).await, "http://proxy.lan:3128", &ca).await;
    let network = world.network(&settings);
    assert!(echoes(network.open(&url(ADDRESS)).await.unwrap()).await);
    assert!(echoes(network.open(&url("ws://plain.example.test/")).await.unwrap()).await);
    assert_eq!(routes.asked(), [PLACE, "plain.example.test:80"]);
    assert_eq!(world.dialled(), [PROXY, PROXY], "nothing goes past the proxy");
}

#[tokio::test]
async fn a_proxy_may_itself_be_reached_by_tls() {
    let ca = Ca::new();
    let routes = routes(&ca).await;
    let proxy = https_proxy(routes.clone(), ca.server(&["proxy.lan"])).await;
    let (world, settings, _directory) = behind(proxy, "https://proxy.lan:3128", &ca).await;
    assert!(echoes(world.network(&settings).open(&url(ADDRESS)).await.unwrap()).await);
    let distrusting = Settings { ca: None, ..settings };
    let reason = failure(&world.network(&distrusting), ADDRESS).await;
    let expected = "the proxy https://proxy.lan:3128 cannot be reached: nobody trusted here";
    assert!(reason.starts_with(expected), "{reason}");
}

#[tokio::test]
async fn a_proxys_password_is_taken_from_its_address_and_its_refusal_is_said() {
    let ca = Ca::new();
    let routes = routes(&ca).await.with_login("bot", "s3cr@t:pw");
    for (proxy, expected) in [
        ("http://bot:s3cr%40t%3Apw@proxy.lan:3128", None),
        (
            "http://proxy.lan:3128",
            Some("the proxy wants a user and password that it knows (407); write them into its address"),
        ),
        ("http://bot:wrong-s3cret@proxy.lan:3128", Some("the proxy does not accept the user and password")),
    ] {
        let (world, settings, _directory) = behind(http_proxy(routes.clone()).await, proxy, &ca).await;
        let network = world.network(&settings);
        match expected {
            None => assert!(echoes(network.open(&url(ADDRESS)).await.unwrap()).await),
            Some(expected) => {
                let reason = failure(&network, ADDRESS).await;
                assert!(reason.starts_with(expected) && !reason.contains("s3cret"), "{reason}");
            }
        }
        assert!(!format!("{settings:?}").contains("s3cr"), "{settings:?}");
    }
}

#[tokio::test]
async fn socks5_carries_names_or_looks_them_up_here() {
    let ca = Ca::new();
    let routes = routes(&ca).await;
    for (scheme, asked) in [("socks5h", PLACE), ("socks5", "198.51.100.7:443")] {
        routes.asked.lock().unwrap().clear();
        let proxy = socks_proxy(routes.clone()).await;
        let (world, settings, _directory) = behind(proxy, &format!("{scheme}://proxy.lan:3128"), &ca).await;
        world.name("im.example.test", &[&["198.51.100.7"]]);
        assert!(echoes(world.network(&settings).open(&url(ADDRESS)).await.unwrap()).await);
        assert_eq!(routes.asked(), [asked]);
    }
}

#[tokio::test]
async fn socks5_has_a_password_too() {
    let ca = Ca::new();
    let routes = routes(&ca).await.with_login("bot", "s3cret");
    for (proxy, expected) in [
        ("socks5h://bot:s3cret@proxy.lan:3128", None),
        ("socks5h://proxy.lan:3128", Some("the proxy wants a user and password; write them into its address")),
        ("socks5h://bot:wrong@proxy.lan:3128", Some("the proxy does not accept the user and password")),
    ] {
        let (world, settings, _directory) = behind(socks_proxy(routes.clone()).await, proxy, &ca).await;
        let network = world.network(&settings);
        opens_or_says(&network, ADDRESS, expected).await;
    }
}

#[tokio::test]
async fn a_proxy_that_fails_is_told_from_a_server_that_fails() {
    let ca = Ca::new();
    let nothing = Routes::new(&[]);
    let web = listen(|mut stream| async move {
        read_head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await
    });
    let odd = listen(|mut stream| async move { stream.write_all(b"SSH-2.0-x\r\n").await });
    let mute = listen(|mut stream| async move {
        read_head(&mut stream).await?;
        stream.shutdown().await
    });
    let endless = listen(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        loop {
            stream.write_all(b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n").await?;
        }
    });
    for (proxy, address, expected) in [
        ("http", http_proxy(nothing.clone()).await, "the proxy cannot reach im.example.test:443 (HTTP 502)"),
        ("socks5h", socks_proxy(nothing).await, "the proxy cannot reach it or find its name"),
        ("http", web.await, "the proxy does not allow a connection to im.example.test:443"),
        ("http", odd.await, "what answers as the proxy is no HTTP proxy"),
        (
            "socks5h",
            listen(|mut s| async move { s.write_all(b"HTTP/1.1 400\r\n\r\n").await }).await,
            "what answers as the proxy is no SOCKS5 proxy",
        ),
        ("http", mute.await, "the proxy http://proxy.lan:3128 hung up"),
        ("http", endless.await, "what answers as the proxy is no HTTP proxy"),
    ] {
        let (world, settings, _directory) = behind(address, &format!("{proxy}://proxy.lan:3128"), &ca).await;
        let reason = failure(&world.network(&settings), ADDRESS).await;
        assert!(reason.starts_with(expected), "{expected}: {reason}");
    }
    let nobody = World::new().network(&with_proxy("http://proxy.lan:3128"));
    let reason = failure(&nobody, ADDRESS).await;
    assert_eq!(reason, "the proxy http://proxy.lan:3128 cannot be reached: nothing listens there");
}

#[tokio::test]
async fn the_environment_decides_where_the_account_says_nothing() {
    let (world, ca, directory) = (World::new(), Ca::new(), tempfile::tempdir().unwrap());
    let routes = routes(&ca).await;
    world.place(PROXY, http_proxy(routes.clone()).await);
    world.place(PLACE, tls_before(ca.server(&["im.example.test"]), echo().await).await);
    let file = ca.file(directory.path());
    let by = |option: Option<&str>, no_proxy: &str| {
        let settings = Settings { proxy: option.map(|text| text.to_owned().into()), ..with_ca(file.clone()) };
        world.outlet_in(&settings, &[("https_proxy", "http://proxy.lan:3128"), ("NO_PROXY", no_proxy)]).unwrap()
    };
    for (network, expected) in [
        (by(None, ""), PROXY),
        (by(None, "other.test,.example.test"), PLACE),
        (by(None, "im.example.test:80"), PROXY),
        (by(None, "*"), PLACE),
        (by(Some(""), ""), PLACE),
        (by(Some("direct"), ""), PLACE),
        (by(Some("http://proxy.lan:3128"), "*"), PROXY),
    ] {
        let before = world.dialled().len();
        assert!(echoes(network.open(&url(ADDRESS)).await.unwrap()).await);
        assert_eq!(world.dialled()[before..], [expected.to_owned()]);
    }
}

/// The HTTP client dials by itself, so its proxies stand on real ports.
#[tokio::test]
async fn rest_takes_the_same_proxies_with_the_same_passwords() {
    let ca = Ca::new();
    let directory = tempfile::tempdir().unwrap();
    let api = listen(|mut stream| async move {
        read_head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").await
    })
    .await;
    let secure = tls_before(ca.server(&["api.example.test"]), api).await;
    let routes =
        Routes::new(&[("api.example.test:443", secure), ("api.example.test:80", api)]).with_login("bot", "s3cr@t");
    let (http, socks) = (http_proxy(routes.clone()).await, socks_proxy(routes.clone()).await);
    for scheme in ["https", "http"] {
        for proxy in [format!("http://bot:s3cr%40t@{http}"), format!("socks5h://bot:s3cr%40t@{socks}")] {
            let settings = Settings { ca: Some(ca.file(directory.path())), ..with_proxy(&proxy) };
            let client = World::new().network(&settings).http().unwrap().client().unwrap();
            let answer = client.get(format!("{scheme}://api.example.test/")).send().await;
            assert_eq!(answer.unwrap().text().await.unwrap(), "ok", "{scheme} through {proxy}");
            assert!(!format!("{client:?}").contains("s3cr"), "{client:?}");
        }
    }
    assert_eq!(routes.asked().len(), 4, "none went past the proxies");

    let nothing = Routes::new(&[]);
    let (empty, socks_empty) = (http_proxy(nothing.clone()).await, socks_proxy(nothing).await);
    for (proxy, expected) in [
        (format!("http://{http}"), "the proxy wants a user and password that it knows (407)"),
        (format!("http://bot:wr0ng@{http}"), "the proxy wants a user and password that it knows (407)"),
        (format!("socks5h://bot:wr0ng@{socks}"), "the proxy does not accept the user and password"),
        (format!("http://{empty}"), "the proxy refused to make the connection"),
        (format!("socks5h://{socks_empty}"), "the proxy failed to connect"),
        ("http://127.0.0.1:1".to_owned(), "the proxy cannot be reached: nothing listens there"),
        ("socks5h://127.0.0.1:1".to_owned(), "the proxy cannot be reached"),
    ] {
        let client = World::new().network(&with_proxy(&proxy)).http().unwrap().client().unwrap();
        let error = client.get("https://api.example.test/").send().await.unwrap_err();
        let reason = net::http_reason(&error).unwrap_or_default();
        assert!(reason.starts_with(expected), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("wr0ng"), "{error:?}");
    }
}
