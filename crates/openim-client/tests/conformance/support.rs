//! A gateway whose every frame a test writes by hand, on in-memory streams, so that a paused clock makes waits exact.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use base::{Clock, RandomSource};
use channel::{
    Account, AccountSpec, Batch, Body, BoxFuture, Delivery, Event, Ledger, OfflinePolicy, Outgoing, Registry, Target,
    TokenManager,
};
use futures_util::{SinkExt as _, StreamExt as _};
use openim_client::{Dialer, Login, OpenIm, Stream};
use openim_core::wire::envelope::{self, Request, Response};
use openim_core::wire::pb::{GetConversationsHasReadAndMaxSeqResp, GetMaxSeqResp, GetSeqMessageReq, MsgData};
use openim_core::wire::pb::{PullMsgs, PushMessages, SendMsgResp, Seqs};
use openim_core::wire::{ops, text_frame};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request as Upgrade, Response as Upgraded};

/// The wall clock when a test begins.
pub(crate) const EPOCH_MS: i64 = 1_795_175_096_000;
/// Longer than anything a test waits for; under a paused clock it costs nothing.
const PATIENCE: Duration = Duration::from_secs(600);

pub(crate) struct TestClock {
    began: Instant,
    jumped_ms: AtomicI64,
}

impl TestClock {
    fn new() -> Self {
        Self { began: Instant::now(), jumped_ms: AtomicI64::new(0) }
    }

    /// Somebody sets the clock.
    pub(crate) fn jump(&self, by_ms: i64) {
        self.jumped_ms.fetch_add(by_ms, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        let elapsed = i64::try_from(self.began.elapsed().as_millis()).unwrap();
        EPOCH_MS + elapsed + self.jumped_ms.load(Ordering::Relaxed)
    }
}

/// The same bits in every run: a counter, scrambled.
pub(crate) struct TestRandom(AtomicU64);

impl RandomSource for TestRandom {
    fn bits(&self) -> u64 {
        let n = self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    }
}

struct MemoryDialer(mpsc::Sender<DuplexStream>);

impl Dialer for MemoryDialer {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let (ours, theirs) = tokio::io::duplex(1 << 20);
            self.0.send(theirs).await.map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
            Ok(Box::new(ours) as Box<dyn Stream>)
        })
    }
}

/// Both ends of a test: the account under test and the gateway it dials.
pub(crate) struct Rig {
    pub(crate) account: Arc<Account>,
    pub(crate) clock: Arc<TestClock>,
    dialled: mpsc::Receiver<DuplexStream>,
    began: Instant,
}

pub(crate) fn login(user_id: &str, token: &str, gzip: bool) -> Login {
    let compression = if gzip { "gzip" } else { "" };
    let raw = json!({"token": token, "userID": user_id, "wsAddr": "ws://gateway:10001", "apiAddr": "http://api:10002", "compression": compression});
    Login::read("a", raw.as_object().unwrap()).unwrap()
}

/// An account alone, on a network of the test's own.
pub(crate) async fn start_with_dialer(dialer: Arc<dyn Dialer>) -> Account {
    let random: Arc<dyn RandomSource> = Arc::new(TestRandom(AtomicU64::new(1)));
    let login = login("bot_7", "a.b.c", false);
    let clock = Arc::new(TestClock::new());
    let tokens = TokenManager::fixed("a".into(), login.token.clone(), clock.clone(), random.clone());
    let transport = OpenIm::with_dialer("a".into(), login, random.clone(), dialer);
    let ledger = Arc::new(Ledger::in_memory());
    let offline_policy = OfflinePolicy::default();
    let spec = AccountSpec { id: "a".into(), transport, tokens, ledger, offline_policy, clock, random };
    Account::start(spec, &Arc::new(Registry::default())).await.unwrap()
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::with_login(login("bot_7", "a.b.c", false)).await
    }

    pub(crate) async fn with_login(login: Login) -> Self {
        Self::try_start("a", login, &Arc::new(Registry::default())).await.unwrap()
    }

    /// Starts the account on a ledger that outlives it.
    pub(crate) async fn on(ledger: &Arc<Ledger>) -> Self {
        Self::with_past(ledger, OfflinePolicy::default()).await
    }

    pub(crate) async fn with_past(ledger: &Arc<Ledger>, offline_policy: OfflinePolicy) -> Self {
        let login = login("bot_7", "a.b.c", false);
        Self::start_on(ledger.clone(), offline_policy, "a", login, &Arc::new(Registry::default())).await.unwrap()
    }

    /// Starts an account of any name beside those of the registry.
    pub(crate) async fn try_start(name: &str, login: Login, registry: &Arc<Registry>) -> base::Result<Self> {
        Self::start_on(Arc::new(Ledger::in_memory()), OfflinePolicy::default(), name, login, registry).await
    }

    async fn start_on(
        ledger: Arc<Ledger>,
        offline_policy: OfflinePolicy,
        name: &str,
        login: Login,
        registry: &Arc<Registry>,
    ) -> base::Result<Self> {
        let (dials, dialled) = mpsc::channel(8);
        let random: Arc<dyn RandomSource> = Arc::new(TestRandom(AtomicU64::new(1)));
        let clock = Arc::new(TestClock::new());
        let tokens = TokenManager::fixed(name.into(), login.token.clone(), clock.clone(), random.clone());
        let transport = OpenIm::with_dialer(name.into(), login, random.clone(), Arc::new(MemoryDialer(dials)));
        let spec =
            AccountSpec { id: name.into(), transport, tokens, ledger, offline_policy, clock: clock.clone(), random };
        let account = Arc::new(Account::start(spec, registry).await?);
        Ok(Self { account, clock, dialled, began: Instant::now() })
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The next connection's bytes, before any handshake.
    pub(crate) async fn dialled(&mut self) -> DuplexStream {
        timeout(PATIENCE, self.dialled.recv()).await.expect("no connection was made").unwrap()
    }

    /// Nobody dials for `wait`.
    pub(crate) async fn stays_away(&mut self, wait: Duration) {
        assert!(timeout(wait, self.dialled.recv()).await.is_err(), "it dialled again");
    }

    /// The next connection, upgraded but without a first frame.
    pub(crate) async fn upgraded(&mut self) -> Peer {
        Peer::accept(self.dialled().await).await
    }

    /// The next connection, accepted.
    pub(crate) async fn accepted(&mut self) -> Peer {
        let mut peer = self.upgraded().await;
        peer.text(r#"{"errCode":0,"errMsg":"","errDlt":""}"#).await;
        peer
    }

    /// The next connection, accepted and synced; its events are taken.
    pub(crate) async fn online(&mut self) -> Peer {
        let mut peer = self.accepted().await;
        peer.sync().await;
        self.account.online().await.unwrap();
        self.event(|event| *event == Event::Synced).await;
        peer
    }

    pub(crate) async fn batch(&self) -> Batch {
        timeout(PATIENCE, self.account.next_batch()).await.expect("no batch came").expect("the account has ended")
    }

    /// Takes batches up to the event; what came before it is dropped.
    pub(crate) async fn event(&self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            if let Some(event) = self.batch().await.events.into_iter().find(&wanted) {
                return event;
            }
        }
    }

    /// The next messages, at least `count`.
    pub(crate) async fn messages(&self, count: usize) -> Vec<Delivery> {
        let mut messages = Vec::new();
        while messages.len() < count {
            messages.extend(self.batch().await.messages);
        }
        messages
    }

    /// All that has happened by the end of the account.
    pub(crate) async fn until_end(&self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(batch) = timeout(PATIENCE, self.account.next_batch()).await.expect("the account does not end") {
            events.extend(batch.events);
        }
        events
    }

    /// Nothing is delivered for `wait`.
    pub(crate) async fn quiet(&self, wait: Duration) {
        let deadline = Instant::now() + wait;
        while let Ok(batch) = tokio::time::timeout_at(deadline, self.account.next_batch()).await {
            assert!(batch.expect("the account has ended").messages.is_empty(), "something was delivered");
        }
    }

    /// Sends a text that counts as sent once it is seen in its conversation.
    pub(crate) fn send_until_stored(&self, to: &str, id: &str, text: &str) -> Sending {
        self.send_with(to, id, text, true)
    }

    /// Sends a text; it is in line when this returns, its outcome comes later.
    pub(crate) fn send(&self, to: &str, id: &str, text: &str) -> Sending {
        self.send_with(to, id, text, false)
    }

    fn send_with(&self, to: &str, id: &str, text: &str, until_stored: bool) -> Sending {
        let body = Body::Text(text.to_owned());
        let target = Target::parse(to).unwrap();
        tokio::spawn(self.account.send(Outgoing { until_stored, ..Outgoing::new(target, id, 1, body) }))
    }
}

type Sending = tokio::task::JoinHandle<base::Result<channel::Receipt>>;

/// One connection, seen from the gateway.
pub(crate) struct Peer {
    pub(crate) socket: WebSocketStream<DuplexStream>,
    pub(crate) query: String,
    /// Where the conversations stand; what 1001 answers.
    pub(crate) maxima: BTreeMap<String, i64>,
    synced: bool,
    gzip: bool,
}

impl Peer {
    pub(crate) async fn accept(io: DuplexStream) -> Self {
        let mut query = String::new();
        #[expect(clippy::result_large_err, reason = "the callback's type is the library's")]
        let read_query = |request: &Upgrade, response: Upgraded| -> Result<Upgraded, ErrorResponse> {
            query = request.uri().query().unwrap_or_default().to_owned();
            Ok(response)
        };
        let socket = tokio_tungstenite::accept_hdr_async(io, read_query).await.unwrap();
        let gzip = query.contains("compression=gzip");
        Self { socket, query, maxima: BTreeMap::new(), synced: false, gzip }
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn binary(&mut self, bytes: Vec<u8>) {
        let bytes = if self.gzip { openim_core::wire::compress::gzip(&bytes) } else { bytes };
        self.socket.send(Message::binary(bytes)).await.unwrap();
    }

    /// The next frame, or none once the client has gone.
    pub(crate) async fn frame(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.socket.next()).await.expect("the client sends nothing").and_then(Result::ok)
    }

    /// The next request; heartbeats and, once synced, questions for the newest sequences are answered on the way.
    pub(crate) async fn request(&mut self) -> Request {
        loop {
            let request = self.any_request().await;
            if !self.synced || request.req_identifier != ops::GET_NEWEST_SEQ {
                return request;
            }
            self.stand(&request).await;
        }
    }

    async fn any_request(&mut self) -> Request {
        loop {
            match self.frame().await.expect("the client has gone") {
                Message::Binary(bytes) => {
                    let bytes =
                        if self.gzip { openim_core::wire::compress::gunzip(&bytes).unwrap() } else { bytes.to_vec() };
                    return envelope::decode(&bytes).unwrap();
                }
                Message::Text(text) if text.as_str() == text_frame::PING => {
                    self.text(&text_frame::pong(&serde_json::Value::Null)).await;
                }
                _ => {}
            }
        }
    }

    pub(crate) async fn answer(&mut self, request: &Request, payload: &impl prost::Message) {
        self.respond(request, 0, "", Some(envelope::data(payload))).await;
    }

    pub(crate) async fn respond(&mut self, request: &Request, err_code: i32, err_msg: &str, data: Option<String>) {
        let response = Response {
            req_identifier: request.req_identifier,
            msg_incr: request.msg_incr.clone(),
            operation_id: request.operation_id.clone(),
            err_code,
            err_msg: err_msg.into(),
            data,
        };
        self.binary(envelope::encode(&response)).await;
    }

    /// Answers the sync that follows acceptance.
    pub(crate) async fn sync(&mut self) {
        let request = self.request().await;
        assert_eq!(request.req_identifier, ops::GET_NEWEST_SEQ);
        self.stand(&request).await;
        self.synced = true;
    }

    async fn stand(&mut self, request: &Request) {
        let max_seqs = self.maxima.clone();
        self.answer(request, &GetMaxSeqResp { max_seqs, ..GetMaxSeqResp::default() }).await;
    }

    /// Answers the next pull from a list of messages; returns the sequences that were asked for.
    pub(crate) async fn serve_pull(&mut self, conversation: &str, stored: fn(i64) -> MsgData) -> Vec<i64> {
        let request = self.request().await;
        assert_eq!(request.req_identifier, ops::PULL_MSG_BY_SEQ_LIST);
        let asked: GetSeqMessageReq = envelope::payload(request.data.as_deref()).unwrap();
        assert_eq!(asked.conversations.len(), 1);
        assert_eq!(asked.conversations[0].conversation_id, conversation);
        let seqs = asked.conversations[0].seqs.clone();
        let pulled = PullMsgs { msgs: seqs.iter().map(|seq| stored(*seq)).collect(), ..PullMsgs::default() };
        let answer = PushMessages { msgs: [(conversation.to_owned(), pulled)].into(), ..PushMessages::default() };
        self.answer(&request, &answer).await;
        seqs
    }

    /// Answers every pull.
    pub(crate) async fn pulls(&mut self, stored: impl Fn(&str, i64) -> MsgData) {
        loop {
            let request = self.request().await;
            assert_eq!(request.req_identifier, ops::PULL_MSG_BY_SEQ_LIST);
            let asked: GetSeqMessageReq = envelope::payload(request.data.as_deref()).unwrap();
            let pulled = asked.conversations.into_iter().map(|one| {
                let msgs = one.seqs.iter().map(|seq| stored(&one.conversation_id, *seq)).collect();
                (one.conversation_id, PullMsgs { msgs, ..PullMsgs::default() })
            });
            self.answer(&request, &PushMessages { msgs: pulled.collect(), ..PushMessages::default() }).await;
        }
    }

    /// Answers questions about one conversation until a message comes.
    pub(crate) async fn until_sent(
        &mut self,
        conversation: &str,
        newest: i64,
        stored: impl Fn(i64) -> MsgData,
    ) -> Request {
        loop {
            let request = self.request().await;
            if request.req_identifier == ops::SEND_MSG {
                return request;
            }
            self.tell(&request, conversation, newest, &stored).await;
        }
    }

    /// Answers questions about one conversation until something was pulled from it.
    pub(crate) async fn serve(&mut self, conversation: &str, newest: i64, stored: impl Fn(i64) -> MsgData) {
        loop {
            let request = self.request().await;
            self.tell(&request, conversation, newest, &stored).await;
            if request.req_identifier == ops::PULL_MSG_BY_SEQ_LIST {
                return;
            }
        }
    }

    pub(crate) async fn serve_forever(&mut self, conversation: &str, newest: i64, stored: impl Fn(i64) -> MsgData) {
        loop {
            let request = self.request().await;
            self.tell(&request, conversation, newest, &stored).await;
        }
    }

    /// Keeps the connection alive and answers no request.
    pub(crate) async fn heartbeats_only(&mut self) {
        loop {
            self.any_request().await;
        }
    }

    async fn tell(&mut self, request: &Request, conversation: &str, newest: i64, stored: &impl Fn(i64) -> MsgData) {
        match request.req_identifier {
            ops::GET_CONV_MAX_READ_SEQ => {
                let seqs = Seqs { max_seq: newest, ..Seqs::default() };
                let seqs = [(conversation.to_owned(), seqs)].into();
                self.answer(request, &GetConversationsHasReadAndMaxSeqResp { seqs, ..Default::default() }).await;
            }
            ops::PULL_MSG_BY_SEQ_LIST => {
                let asked: GetSeqMessageReq = envelope::payload(request.data.as_deref()).unwrap();
                let msgs = asked.conversations[0].seqs.iter().map(|seq| stored(*seq)).collect();
                let pulled = PullMsgs { msgs, ..PullMsgs::default() };
                let answer =
                    PushMessages { msgs: [(conversation.to_owned(), pulled)].into(), ..PushMessages::default() };
                self.answer(request, &answer).await;
            }
            other => panic!("an unexpected request: {other}"),
        }
    }

    /// Takes a message and acknowledges it.
    pub(crate) async fn take_message(&mut self) -> MsgData {
        let request = self.request().await;
        let message = sent_message(&request);
        self.ack(&request).await;
        message
    }

    pub(crate) async fn ack(&mut self, request: &Request) {
        let message = sent_message(request);
        let server_msg_id = format!("s-{}", message.client_msg_id);
        let taken = SendMsgResp { server_msg_id, client_msg_id: message.client_msg_id, send_time: 77, modify: None };
        self.answer(request, &taken).await;
    }

    pub(crate) async fn unsolicited(&mut self, req_identifier: i32, data: Option<String>) {
        let request = Request {
            req_identifier,
            msg_incr: String::new(),
            send_id: String::new(),
            operation_id: "op".into(),
            data: None,
        };
        self.respond(&request, 0, "", data).await;
    }

    pub(crate) async fn push(&mut self, conversation: &str, messages: Vec<MsgData>) {
        let pulled = PullMsgs { msgs: messages, ..PullMsgs::default() };
        let push = PushMessages { msgs: [(conversation.to_owned(), pulled)].into(), ..PushMessages::default() };
        self.unsolicited(ops::PUSH_MSG, Some(envelope::data(&push))).await;
    }

    /// Whether the client has closed, within its patience.
    pub(crate) async fn is_left(&mut self) -> bool {
        while let Some(frame) = self.frame().await {
            if matches!(frame, Message::Close(_)) {
                return true;
            }
        }
        true
    }
}

pub(crate) fn sent_message(request: &Request) -> MsgData {
    assert_eq!(request.req_identifier, ops::SEND_MSG);
    envelope::payload(request.data.as_deref()).unwrap()
}

/// A text of alice's.
pub(crate) fn text_from_alice(id: &str, seq: i64, text: &str) -> MsgData {
    MsgData {
        send_id: "alice".into(),
        recv_id: "bot_7".into(),
        client_msg_id: id.into(),
        server_msg_id: format!("s-{id}"),
        session_type: 1,
        content_type: 101,
        content: openim_core::message::text::encode(text),
        seq,
        send_time: 1,
        status: 2,
        ..MsgData::default()
    }
}

/// Answers an upgrade with an ordinary HTTP response.
pub(crate) async fn refuse_upgrade(mut io: DuplexStream, status: &str, body: &str) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await.unwrap());
    }
    let answer =
        format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    io.write_all(answer.as_bytes()).await.unwrap();
    io.flush().await.unwrap();
    // The client reads the answer before the stream ends.
    tokio::time::sleep(Duration::from_millis(1)).await;
}
