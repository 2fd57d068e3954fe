//! A server that answers request after request as it was told, and an [`Api`] that speaks to it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use base::{Error, RandomSource, Redacted};
use openim_client::calls::Calls;
use openim_client::rest::{Api, FixedToken, Patience, Settings, TokenSource};
use openim_client::{Login, Network, OpenIm};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of one request.
pub(crate) enum Step {
    /// These bytes, then the end.
    Answer(Vec<u8>),
    /// These bytes after a while, then the end.
    Late(Duration, Vec<u8>),
    /// Nothing, and the connection stays.
    Silence,
    /// Nothing, and the connection ends.
    HangUp,
    /// These bytes and then the block again and again, until the other side has had enough.
    Endless { head: Vec<u8>, block: Vec<u8> },
}

pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = |line: &&str| line.split_once(':').is_some_and(|(key, _)| key.eq_ignore_ascii_case(name));
        self.head.lines().find(named)?.split_once(':').map(|(_, value)| value.trim())
    }
}

#[derive(Default)]
struct WireEvent {
    steps: Mutex<VecDeque<Step>>,
    requests: Mutex<Vec<Request>>,
    written: AtomicUsize,
}

pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    told: Arc<WireEvent>,
}

impl Server {
    pub(crate) async fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let told = Arc::new(WireEvent { steps: Mutex::new(steps.into_iter().collect()), ..WireEvent::default() });
        let serving = told.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, serving.clone()));
            }
        });
        Self { at, told }
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut *self.told.requests.lock())
    }

    pub(crate) fn count(&self) -> usize {
        self.told.requests.lock().len()
    }

    /// Bytes of an endless answer that got away.
    pub(crate) fn written(&self) -> usize {
        self.told.written.load(Ordering::SeqCst)
    }

    /// The calls of the account `bot_7` at this server.
    pub(crate) fn calls(&self) -> Calls {
        let block = serde_json::json!({
            "token": "t0ken-s3cret", "userID": "bot_7", "wsAddr": "ws://127.0.0.1:1", "apiAddr": format!("http://{}", self.at),
        });
        let login = Login::read("support", block.as_object().unwrap()).unwrap();
        let network = login.network("support").unwrap();
        let token = FixedToken("t0ken-s3cret".to_owned().into());
        OpenIm::new("support".into(), login, network, Arc::new(Counter::default())).calls(Arc::new(token)).unwrap()
    }

    pub(crate) fn api(&self) -> Api {
        api(&format!("http://{}", self.at), Arc::new(FixedToken("t0ken-s3cret".to_owned().into())))
    }
}

async fn serve(mut stream: TcpStream, told: Arc<WireEvent>) {
    let Some(request) = receive(&mut stream).await else { return };
    told.requests.lock().push(request);
    let step = told.steps.lock().pop_front();
    match step.expect("a request that no step was left for") {
        Step::Answer(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Step::Late(after, bytes) => {
            tokio::time::sleep(after).await;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Step::Silence => {
            let _ = stream.read(&mut [0]).await;
        }
        Step::HangUp => {}
        Step::Endless { head, block } => {
            let _ = stream.write_all(&head).await;
            while stream.write_all(&block).await.is_ok() {
                told.written.fetch_add(block.len(), Ordering::SeqCst);
            }
        }
    }
}

async fn receive(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let path = head.split(' ').nth(1)?.to_owned();
    let mut request = Request { path, head, body: String::new() };
    let length: usize = request.header("content-length")?.parse().ok()?;
    while bytes.len() < head_end + 4 + length {
        stream.read_buf(&mut bytes).await.ok()?;
    }
    request.body = String::from_utf8_lossy(&bytes[head_end + 4..]).into_owned();
    Some(request)
}

pub(crate) fn api(address: &str, tokens: Arc<dyn TokenSource>) -> Api {
    Api::new(Settings {
        account: "support".into(),
        api_addr: address.parse().unwrap(),
        http: Network::new(&net::Settings::default()).unwrap().http().unwrap(),
        tokens,
        random: Arc::new(Counter::default()),
        patience: Patience {
            attempt: Duration::from_millis(1_500),
            call: Duration::from_secs(20),
            bulk_attempt: Duration::from_secs(4),
            bulk_call: Duration::from_secs(5),
            backoff: Duration::from_millis(20),
        },
    })
}

/// Different bits each time, the same in each run.
#[derive(Default)]
struct Counter(AtomicU64);

impl RandomSource for Counter {
    fn bits(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// An answer with these further headers.
pub(crate) fn http(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Step {
    let mut answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
    for (name, value) in headers {
        answer.push_str(&format!("{name}: {value}\r\n"));
    }
    answer.push_str("\r\n");
    let mut bytes = answer.into_bytes();
    bytes.extend_from_slice(body);
    Step::Answer(bytes)
}

pub(crate) fn json(body: &str) -> Step {
    http("200 OK", &[("content-type", "application/json")], body.as_bytes())
}

pub(crate) fn ok(data: &str) -> Step {
    json(&format!(r#"{{"errCode":0,"errMsg":"","errDlt":"","data":{data}}}"#))
}

pub(crate) fn refused(code: i32, name: &str, details: &str) -> Step {
    json(&format!(r#"{{"errCode":{code},"errMsg":"{name}","errDlt":"{details}"}}"#))
}

/// A source whose token changes when the test says so.
pub(crate) struct Changing {
    pub(crate) tokens: Mutex<VecDeque<&'static str>>,
    pub(crate) rejected: Mutex<Vec<(String, String)>>,
}

impl Changing {
    /// The last token stays.
    pub(crate) fn new(tokens: &[&'static str]) -> Arc<Self> {
        Arc::new(Self { tokens: Mutex::new(tokens.iter().copied().collect()), rejected: Mutex::default() })
    }
}

impl TokenSource for Changing {
    fn current(&self) -> Redacted<String> {
        let mut tokens = self.tokens.lock();
        let token = if tokens.len() > 1 { tokens.pop_front() } else { tokens.front().copied() };
        token.unwrap_or_default().to_owned().into()
    }

    fn rejected(&self, token: &Redacted<String>, why: &Error) {
        self.rejected.lock().push((token.expose().clone(), why.kind().code().to_owned()));
    }
}
