//! A gate before the dev server: every request passes through it, is noted, and may be refused or lose its answer.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base::{RandomSource, Result};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderMap;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use openim_client::Network;
use openim_client::media::{self, Patience, Rules, Upload, Uploaded, Uploader};
use openim_client::rest::{self, Api, FixedToken};
use openim_client::system::{SystemClock, SystemRandom};
use parking_lot::Mutex;
use tempfile::TempDir;
use testkit::{Config, SeededRandom, Server, StorageFault, StorageFaults};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

pub(crate) const PART: usize = 300_000;

/// What the gate does with one request.
pub(crate) enum Verdict {
    Pass,
    Answer(u16, &'static str),
    /// The server gets it, and its answer is lost.
    LoseAnswer,
}

pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
}

type Hook = Box<dyn FnMut(&Seen) -> Verdict + Send>;

struct Inner {
    server: Server,
    hook: Mutex<Hook>,
    seen: Mutex<Vec<Seen>>,
    puts: AtomicUsize,
    most_puts: AtomicUsize,
}

pub(crate) struct Gate {
    inner: Arc<Inner>,
    pub(crate) api_addr: String,
    pub(crate) dir: TempDir,
    _stop: DropGuard,
}

impl Gate {
    pub(crate) async fn open() -> Self {
        let config = Config { min_part_size: PART as u64, ..Config::demo() };
        let server = Server::new(config, Arc::new(SystemClock), Arc::new(SeededRandom::new(7))).unwrap();
        let inner = Arc::new(Inner {
            server,
            hook: Mutex::new(Box::new(|_| Verdict::Pass)),
            seen: Mutex::default(),
            puts: AtomicUsize::new(0),
            most_puts: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api_addr = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        tokio::spawn(stop.clone().run_until_cancelled_owned(listen(inner.clone(), listener)));
        Self { inner, api_addr, dir: tempfile::tempdir().unwrap(), _stop: stop.drop_guard() }
    }

    pub(crate) fn on_request(&self, hook: impl FnMut(&Seen) -> Verdict + Send + 'static) {
        *self.inner.hook.lock() = Box::new(hook);
    }

    pub(crate) fn trouble(&self, failures: Vec<StorageFault>) {
        self.inner.server.set_storage_faults(StorageFaults { failures, ..StorageFaults::default() });
    }

    pub(crate) fn seen<T>(&self, look: impl FnOnce(&[Seen]) -> T) -> T {
        look(&self.inner.seen.lock())
    }

    /// How often a path was asked for; `PUT` counts parts.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.seen(|seen| seen.iter().filter(|one| one.path == what || one.method == what).count())
    }

    pub(crate) fn most_puts_at_once(&self) -> usize {
        self.inner.most_puts.load(Ordering::SeqCst)
    }

    pub(crate) fn puts_now(&self) -> usize {
        self.inner.puts.load(Ordering::SeqCst)
    }

    /// A file that no other test has the like of: contents are known by their hash.
    pub(crate) fn file(&self, name: &str, len: usize) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, bytes(len)).unwrap();
        path
    }

    pub(crate) fn uploader(&self, patience: Patience) -> Uploader {
        let media_hosts = net::HostPatterns::parse("127.0.0.1");
        self.uploader_by(Network::new(&net::Settings { media_hosts, ..net::Settings::default() }).unwrap(), patience)
    }

    pub(crate) fn uploader_by(&self, network: Network, patience: Patience) -> Uploader {
        let api = Api::new(rest::Settings {
            account: "bot".into(),
            api_addr: self.api_addr.parse().unwrap(),
            http: network.http().unwrap(),
            tokens: Arc::new(FixedToken(self.inner.server.issue_token("bot_7", 5).into())),
            random: Arc::new(SystemRandom),
            patience: rest::Patience { backoff: Duration::from_millis(5), ..rest::Patience::default() },
        });
        let random: Arc<dyn RandomSource> = Arc::new(SystemRandom);
        Uploader::new(media::Settings { user_id: "bot_7".into(), api, network, random, patience })
    }

    pub(crate) async fn upload(&self, path: &Path) -> Result<Uploaded> {
        self.uploader(quick()).upload(upload(path)).await
    }

    /// What the address leads to, as a browser follows it.
    pub(crate) async fn fetch(&self, url: &str) -> Vec<u8> {
        let http = Network::new(&net::Settings::default()).unwrap().http().unwrap().client().unwrap();
        let answer = http.get(url).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 302, "{url}");
        let to = answer.headers()["location"].to_str().unwrap().to_owned();
        http.get(to).send().await.unwrap().bytes().await.unwrap().to_vec()
    }
}

/// The waits of a test: as the real ones, only shorter.
pub(crate) fn quick() -> Patience {
    Patience { stall: Duration::from_millis(500), backoff: Duration::from_millis(5), ..Patience::default() }
}

pub(crate) fn upload(path: &Path) -> Upload {
    Upload { path: path.to_path_buf(), rules: Rules::default(), name: None, content_type: None, watch: None }
}

pub(crate) fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n % 251) as u8).collect()
}

async fn listen(inner: Arc<Inner>, listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let inner = inner.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| pass(inner.clone(), request));
            // How a connection ends is what the tests are about.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

type Answer = Response<BoxBody<Bytes, hyper::Error>>;

async fn pass(inner: Arc<Inner>, request: Request<Incoming>) -> Result<Answer, std::io::Error> {
    let seen = Seen {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: request.headers().clone(),
    };
    let verdict = (inner.hook.lock())(&seen);
    let is_put = seen.method == "PUT";
    inner.seen.lock().push(seen);
    if let Verdict::Answer(status, body) = verdict {
        let body = Full::new(Bytes::from_static(body.as_bytes())).map_err(|never: Infallible| match never {}).boxed();
        return Ok(Response::builder().status(status).body(body).unwrap());
    }
    let _counted = is_put.then(|| Counted::new(inner.clone()));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(inner.server.open()))
        .await
        .map_err(std::io::Error::other)?;
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(std::io::Error::other)?;
    if matches!(verdict, Verdict::LoseAnswer) {
        return Err(std::io::Error::other("the answer is lost"));
    }
    Ok(answer.map(BodyExt::boxed))
}

/// One part on its way.
struct Counted(Arc<Inner>);

impl Counted {
    fn new(inner: Arc<Inner>) -> Self {
        let now = inner.puts.fetch_add(1, Ordering::SeqCst) + 1;
        inner.most_puts.fetch_max(now, Ordering::SeqCst);
        Self(inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.puts.fetch_sub(1, Ordering::SeqCst);
    }
}
