//! A login through TLS and through proxies, on real sockets, against the dev server (F3).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../../../net/tests/connections/peers.rs"]
mod peers;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use base::{Clock, RandomSource};
use channel::tokens::TokenManager;
use channel::{Account, AccountSpec, BoxFuture, Event, Ledger, OfflinePolicy, Registry};
use openim_client::calls::Offset;
use openim_client::rest::FixedToken;
use openim_client::{Dialer, Login, OpenIm, Stream};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use testkit::{Addresses, Config, Recipient, SeededRandom, Server, TestClock, UserConfig};
use tokio::sync::mpsc;

use crate::peers::{Ca, Routes, http_proxy, https_proxy, listen, socks_proxy, tls_before};

/// A dev server behind TLS, made out to this machine's name.
struct Scene {
    server: Server,
    ca: Ca,
    directory: TempDir,
    ws: SocketAddr,
    api: SocketAddr,
}

impl Scene {
    async fn new() -> Self {
        let users = ["bot", "alice"].map(|id| UserConfig { user_id: id.to_owned(), ..UserConfig::default() });
        let config = Config { users: users.to_vec(), ws_port: 0, api_port: 0, ..Config::default() };
        let server = Server::new(config, Arc::new(TestClock::new()), Arc::new(SeededRandom::new(3))).unwrap();
        let Addresses { ws, api } = server.listen().await.unwrap();
        let behind = |address: &str| address.split("://").nth(1).unwrap().parse().unwrap();
        let ca = Ca::new();
        let names = ["localhost", "im.example.test"];
        let ws = tls_before(ca.server(&names), behind(&ws)).await;
        let api = tls_before(ca.server(&names), behind(&api)).await;
        Self { server, ca, directory: tempfile::tempdir().unwrap(), ws, api }
    }

    /// The account's block; `host` stands for the server.
    fn block(&self, host: &str, options: &Value) -> Map<String, Value> {
        let mut block = json!({
            "token": self.server.token("bot", 5),
            "wsAddr": format!("wss://{host}:{}", self.ws.port()),
            "apiAddr": format!("https://{host}:{}", self.api.port()),
            "ca": self.ca.file(self.directory.path()),
        });
        block.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        block.as_object().unwrap().clone()
    }

    /// Where proxies find the server under a name that nobody else knows.
    fn routes(&self) -> Routes {
        let places = [self.ws, self.api].map(|address| (format!("im.example.test:{}", address.port()), address));
        Routes::new(&[(places[0].0.as_str(), places[0].1), (places[1].0.as_str(), places[1].1)])
    }
}

fn wire(block: &Map<String, Value>) -> Arc<OpenIm> {
    let login = Login::read("a", block).unwrap();
    let network = login.network("a").unwrap();
    OpenIm::new("a".into(), login, network, Arc::new(SeededRandom::new(5)))
}

async fn start(transport: Arc<OpenIm>, token: &str) -> Account {
    let random: Arc<dyn RandomSource> = Arc::new(SeededRandom::new(7));
    let clock: Arc<dyn Clock> = Arc::new(TestClock::new());
    let ledger = Arc::new(Ledger::in_memory());
    let tokens = TokenManager::fixed("a".into(), token.to_owned().into(), clock.clone(), random.clone());
    let spec = AccountSpec {
        id: "a".into(),
        tokens,
        transport,
        ledger,
        offline_policy: OfflinePolicy::default(),
        clock,
        random,
    };
    Account::start(spec, &Arc::new(Registry::default())).await.unwrap()
}

fn token(block: &Map<String, Value>) -> &str {
    block["token"].as_str().unwrap()
}

/// One call of the API.
async fn black_list(wire: &OpenIm, block: &Map<String, Value>) -> base::Result<()> {
    let calls = wire.calls(Arc::new(FixedToken(token(block).to_owned().into()))).unwrap();
    calls.get_black_list(Offset { offset: 0, count: 10 }).await.map(drop)
}

/// It logs in, hears what is written to it, and its API answers.
async fn works(scene: &Scene, block: &Map<String, Value>) {
    let wire = wire(block);
    let account = start(wire.clone(), token(block)).await;
    account.online().await.unwrap();
    scene.server.send_as("alice", Recipient::User("bot"), "over the wall").unwrap();
    let text = loop {
        let batch = account.next_batch().await.unwrap();
        if let Some(delivery) = batch.messages.first() {
            break delivery.message.text.clone();
        }
    };
    assert_eq!(text, "over the wall");
    assert!(black_list(&wire, block).await.is_ok());
    account.stop().await;
}

/// What is said of the first attempt, and stands in the status.
async fn fails(transport: Arc<OpenIm>) -> String {
    let account = start(transport, "t").await;
    loop {
        let batch = account.next_batch().await.unwrap();
        if batch.events.iter().any(|event| matches!(event, Event::ConnectFailed(_))) {
            let said = account.status().last_error.unwrap();
            account.stop().await;
            return said;
        }
    }
}

#[tokio::test]
async fn a_login_through_tls_trusts_the_accounts_own_ca() {
    let scene = Scene::new().await;
    works(&scene, &scene.block("localhost", &json!({"compression": "gzip"}))).await;
}

#[tokio::test]
async fn an_untrusted_certificate_is_in_the_status_with_the_remedy() {
    let scene = Scene::new().await;
    let block = scene.block("localhost", &json!({"ca": ""}));
    let said = fails(wire(&block)).await;
    let place = format!("no connection to wsAddr wss://localhost:{}: ", scene.ws.port());
    assert!(said.starts_with(&place), "{said}");
    assert!(said.contains("nobody trusted here has signed") && said.contains("the account's option ca"), "{said}");
    let error = black_list(&wire(&block), &block).await.unwrap_err();
    assert!(error.to_string().contains("nobody trusted here has signed"), "{error}");
}

#[tokio::test]
async fn a_login_takes_each_kind_of_proxy_for_socket_and_api() {
    let scene = Scene::new().await;
    let routes = scene.routes().with_login("bot", "s3cr@t");
    let (http, socks) = (http_proxy(routes.clone()).await, socks_proxy(routes.clone()).await);
    let https = https_proxy(routes.clone(), scene.ca.server(&["localhost"])).await;
    for proxy in [
        format!("http://bot:s3cr%40t@{http}"),
        format!("https://bot:s3cr%40t@localhost:{}", https.port()),
        format!("socks5h://bot:s3cr%40t@{socks}"),
    ] {
        routes.asked.lock().unwrap().clear();
        works(&scene, &scene.block("im.example.test", &json!({"proxy": proxy}))).await;
        let asked = routes.asked();
        for port in [scene.ws.port(), scene.api.port()] {
            assert!(asked.contains(&format!("im.example.test:{port}")), "{proxy}: {asked:?}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_is_said_in_the_status_and_its_password_nowhere() {
    let scene = Scene::new().await;
    let proxy = http_proxy(scene.routes().with_login("bot", "right")).await;
    for (given, expected) in [
        (format!("http://bot:wr0ng@{proxy}"), "the proxy does not accept the user and password of its address (407)"),
        (format!("http://{proxy}"), "the proxy wants a user and password that it knows (407)"),
        (
            "http://bot:wr0ng@127.0.0.1:1".to_owned(),
            "the proxy http://127.0.0.1:1 cannot be reached: nothing listens there",
        ),
    ] {
        let block = scene.block("im.example.test", &json!({"proxy": given}));
        let wire = wire(&block);
        let said = fails(wire.clone()).await;
        assert!(said.contains(expected) && !said.contains("wr0ng"), "{said}");
        let error = black_list(&wire, &block).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("wr0ng"), "{error:?}");
        // Without TLS the HTTP client asks the proxy for the whole address, and the refusal is an answer.
        let plain = scene.block("im.example.test", &json!({"proxy": given, "apiAddr": "http://im.example.test:9"}));
        let error = black_list(&self::wire(&plain), &plain).await.unwrap_err().to_string();
        assert!(error.starts_with("no connection to apiAddr http://im.example.test:9: "), "{error}");
        assert!(expected.contains("(407)") == error.contains("(407)") && !error.contains("wr0ng"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_wants_tls_is_recognised_by_its_answer() {
    let server = listen(|mut stream| async move {
        peers::read_head(&mut stream).await?;
        let answer = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
        tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await
    })
    .await;
    let block =
        json!({"token": "t", "userID": "bot", "wsAddr": format!("ws://{server}"), "apiAddr": "http://127.0.0.1:1"});
    let said = fails(wire(block.as_object().unwrap())).await;
    assert!(said.ends_with("the answer was HTTP 400; if the server wants TLS, write wss://"), "{said}");
}

#[tokio::test]
async fn an_answer_of_the_rest_api_says_that_the_addresses_may_be_swapped() {
    let server = listen(|mut stream| async move {
        peers::read_head(&mut stream).await?;
        let answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 18\r\n\r\n404 page not found";
        tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await
    })
    .await;
    let block =
        json!({"token": "t", "userID": "bot", "wsAddr": format!("ws://{server}"), "apiAddr": "http://127.0.0.1:1"});
    let said = fails(wire(block.as_object().unwrap())).await;
    assert!(said.contains("the answer was HTTP 404; no OpenIM gateway answers there"), "{said}");
    assert!(said.ends_with("check that wsAddr and apiAddr are the server's and not swapped"), "{said}");
}

struct History(mpsc::Sender<tokio::io::DuplexStream>);

impl Dialer for History {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let (ours, theirs) = tokio::io::duplex(1 << 16);
            self.0.send(theirs).await.map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
            Ok(Box::new(ours) as Box<dyn Stream>)
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_tls_handshake_ends_the_attempt_and_delays_no_stop() {
    let (sender, mut held) = mpsc::channel(8);
    let block =
        json!({"token": "t", "userID": "bot", "wsAddr": "wss://im.example.test", "apiAddr": "https://im.example.test"});
    let login = Login::read("a", block.as_object().unwrap()).unwrap();
    let wire = OpenIm::with_dialer("a".into(), login, Arc::new(SeededRandom::new(5)), Arc::new(History(sender)));
    let account = start(wire, "t").await;
    let began = tokio::time::Instant::now();
    let first = held.recv().await.unwrap();
    let second = held.recv().await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 8, "the next attempt follows at once");
    let said = account.status().last_error.unwrap();
    assert!(said.contains("the TLS handshake is not answered"), "{said}");
    let stopping = tokio::time::Instant::now();
    account.stop().await;
    assert!(stopping.elapsed().as_secs() < 1);
    drop((first, second));
}
