//! OpenIM as a [`Transport`]: dials, upgrades, holds one connection at a time, and sends over the one that stands.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base::{AccountId, Error, Kind, RandomSource, Result};
use channel::{BoxFuture, Ending, Link, LoginKey, Observation, Outgoing, Receipt, Sink, Transport};
use net::{Dialer, Network, reason};
use openim_core::handshake::Query;
use openim_core::limits::HANDSHAKE_MAX;
use openim_core::outbox::Ticket;
use openim_core::session::Session;
use openim_core::wire::errcode;
use openim_core::wire::pb::{PushMessages, SubUserOnlineStatusTips};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};
use tracing::debug;

use crate::calls::{Calls, NewestSeen, Presence, Typing};
use crate::conn::actor::{self, Answer, Handler};
use crate::conn::upgrade::{Upgrade, upgrade};
use crate::limits::COMMAND_QUEUE;
use crate::positions::Positions;
use crate::requests::Requests;
use crate::rest::{Api, FixedToken, Patience, Settings, TokenSource};
use crate::self_state::SelfState;
use crate::sender::Sender;
use crate::sender_check::{self, is_sender_verified};
use crate::sync::Syncer;
use crate::{Login, SenderPolicy, outgoing};

/// One OpenIM account's wire.
pub struct OpenIm {
    login: Login,
    random: Arc<dyn RandomSource>,
    network: Network,
    positions: Arc<Positions>,
    sender: Arc<Sender>,
    account: AccountId,
    typing: Arc<Typing>,
    presence: Arc<Presence>,
    own: Arc<SelfState>,
    /// The last connection was a login, and the server ended it without a reason.
    was_cut: AtomicBool,
    /// The REST API is reached over the same network as the socket.
    has_api: bool,
}

impl OpenIm {
    pub fn new(account: AccountId, login: Login, network: Network, random: Arc<dyn RandomSource>) -> Arc<Self> {
        Self::on(account, login, network, random, true)
    }

    fn on(
        account: AccountId,
        login: Login,
        network: Network,
        random: Arc<dyn RandomSource>,
        has_api: bool,
    ) -> Arc<Self> {
        let positions = Arc::<Positions>::default();
        let sender = Arc::new(Sender::new(account.clone(), &login, positions.clone()));
        let (typing, presence, own) = (Arc::default(), Arc::default(), Arc::default());
        let was_cut = AtomicBool::new(false);
        Arc::new(Self { login, random, network, positions, sender, account, typing, presence, own, was_cut, has_api })
    }

    /// Over streams of the caller's making. The REST API does not use them, so the transport asks it nothing by itself.
    pub fn with_dialer(
        account: AccountId,
        login: Login,
        random: Arc<dyn RandomSource>,
        dialer: Arc<dyn Dialer>,
    ) -> Arc<Self> {
        Self::on(account, login, Network::over(dialer), random, false)
    }

    /// What the account can ask of OpenIM besides sending and receiving.
    pub fn calls(&self, tokens: Arc<dyn TokenSource>) -> Result<Calls> {
        Ok(Calls {
            login: self.login.clone(),
            api: self.api(tokens)?,
            sender: self.sender.clone(),
            typing: self.typing.clone(),
            presence: self.presence.clone(),
            own: self.own.clone(),
            newest_seen: NewestSeen::default(),
        })
    }

    /// The REST API.
    pub fn api(&self, tokens: Arc<dyn TokenSource>) -> Result<Api> {
        Ok(Api::new(Settings {
            account: self.account.clone(),
            api_addr: self.login.api_addr.clone(),
            http: self.network.http()?,
            tokens,
            random: self.random.clone(),
            patience: Patience::default(),
        }))
    }

    async fn run(&self, link: Link) -> Ending {
        debug!(account = %self.account, "connecting");
        let was_cut = self.was_cut.swap(false, Ordering::Relaxed);
        let ending = match self.connected(link).await {
            Ending::TokenRejected(error) if was_cut && error.err_code() == Some(errcode::TOKEN_NOT_EXIST) => {
                Ending::Kicked(kicked_unseen(&error))
            }
            ending => ending,
        };
        match &ending {
            Ending::Stopped => debug!(account = %self.account, "connection ended: the account was stopped"),
            Ending::Retired => debug!(account = %self.account, "connection ended: it makes room for the next one"),
            Ending::Lost(error) => debug!(account = %self.account, %error, "connection lost"),
            Ending::TokenRejected(error) => debug!(account = %self.account, %error, "token rejected"),
            Ending::Kicked(error) => debug!(account = %self.account, %error, "kicked by another login"),
            Ending::Refused(error) => debug!(account = %self.account, %error, "the server is not used"),
        }
        ending
    }

    async fn connected(&self, link: Link) -> Ending {
        let began = Instant::now();
        let opened = tokio::select! {
            biased;
            () = link.stop.cancelled() => return Ending::Stopped,
            () = link.retire.cancelled() => return Ending::Retired,
            opened = timeout(HANDSHAKE_MAX, self.open(link.token.expose())) => opened,
        };
        let socket = match opened {
            Ok(Ok(Upgrade::Done(socket))) => socket,
            Ok(Ok(Upgrade::Refused(result))) => return actor::refused(&result),
            Ok(Ok(Upgrade::Status(status))) => return self.no_gateway(status),
            Ok(Err(error)) => return self.unreachable(&reason(&error), Some(error)),
            Err(_) => return self.unreachable("it does not answer", None),
        };
        debug!(account = %self.account, "upgraded; waiting for the login to be accepted");
        let (sender, commands) = mpsc::channel(COMMAND_QUEUE);
        let session = Session::new(&self.login.user_id, self.nonce(), self.login.gzip, began.elapsed());
        let requests = Requests::new(&self.login.user_id, sender);
        let (accepted, acceptance) = oneshot::channel();
        let sync =
            Syncer::new(&self.login.user_id, &link, &self.positions, &self.sender, &self.own, &self.typing, began);
        let is_open = AtomicBool::new(self.login.sender_policy == SenderPolicy::Warn);
        let mut inbox = Inbox { wire: self, sync: &sync, accepted: Some(accepted), is_open: &is_open };
        let ending = tokio::select! {
            biased;
            ending = actor::hold(*socket, session, commands, &mut inbox, &link, began) => ending,
            ending = self.stay_online(acceptance, &requests, &sync, &link, &is_open) => ending,
        };
        sync.end();
        self.sender.disconnected();
        ending
    }

    async fn open(&self, token: &str) -> io::Result<Upgrade> {
        let url = &self.login.ws_addr;
        let host = url.host_str().unwrap_or_default();
        let stream = self.network.open(url).await?;
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let operation_id = self.nonce();
        let query = Query {
            send_id: &self.login.user_id,
            token,
            platform_id: self.login.platform_id,
            operation_id: &operation_id,
            gzip: self.login.gzip,
        };
        upgrade(stream, &authority, &format!("{}?{}", url.path(), query.encode())).await
    }

    /// Syncs once the login is accepted, then lets sends through; ends only when the server refuses the sync.
    async fn stay_online(
        &self,
        acceptance: oneshot::Receiver<()>,
        requests: &Requests,
        sync: &Syncer<'_>,
        link: &Link,
        is_open: &AtomicBool,
    ) -> Ending {
        let sink = link.sink.as_ref();
        if acceptance.await.is_err() {
            return std::future::pending().await;
        }
        debug!(account = %self.account, "login accepted; sync started");
        if !is_open.load(Ordering::Relaxed) {
            match is_sender_verified(requests, &self.login, &*self.random).await {
                Ok(is_verified) => {
                    sink.observed(Observation::SenderVerified(is_verified));
                    if !is_verified {
                        return Ending::Refused(sender_check::refusal());
                    }
                }
                // The connection itself knows better why it ended.
                Err(error) if error.kind() == Kind::Offline => return std::future::pending().await,
                Err(error) => return Ending::Lost(sender_check::unknown(&error)),
            }
            is_open.store(true, Ordering::Relaxed);
        }
        sink.connected();
        sink.sync_started();
        match sync.begin(requests).await {
            Ok(()) => {}
            // The connection itself knows better why it ended.
            Err(error) if error.kind() == Kind::Offline => return std::future::pending().await,
            Err(error) => return Ending::Lost(error),
        }
        debug!(account = %self.account, "sync finished");
        self.sender.connected(requests);
        sink.synced();
        let api = self.has_api.then(|| self.api(Arc::new(FixedToken(link.token.clone()))).ok()).flatten();
        tokio::select! {
            biased;
            never = sync.run(requests) => match never {},
            never = sync.expire_typing() => match never {},
            never = sync.find_joins(api.as_ref()) => match never {},
            never = self.presence.keep(requests, |news| sync.status(news)) => match never {},
            never = self.sender.tend(requests, sink) => match never {},
            never = self.check_sender(requests, sink) => match never {},
        }
    }

    /// Finds out whether the server checks senders, if the account uses it in any case.
    async fn check_sender(&self, requests: &Requests, sink: &dyn Sink) -> Infallible {
        if self.login.sender_policy == SenderPolicy::Warn {
            match is_sender_verified(requests, &self.login, &*self.random).await {
                Ok(is_verified) => sink.observed(Observation::SenderVerified(is_verified)),
                // The next connection asks again.
                Err(error) => {
                    debug!(account = %self.account, %error, "the server did not say whether it checks senders");
                }
            }
        }
        std::future::pending().await
    }

    /// Something answers that is no gateway of OpenIM.
    fn no_gateway(&self, status: u16) -> Ending {
        // A TLS port answers a plain request in one of these ways.
        let wants_tls = self.login.ws_addr.scheme() == "ws" && matches!(status, 301 | 302 | 307 | 308 | 400 | 426);
        let (kind, hint) = match status {
            _ if wants_tls => (Kind::Offline, "; if the server wants TLS, write wss://"),
            // The REST API knows no such path.
            404 | 405 | 200..=299 => (
                Kind::Protocol,
                "; no OpenIM gateway answers there: check that wsAddr and apiAddr are the server's and not swapped",
            ),
            _ => (Kind::Offline, ""),
        };
        Ending::Lost(self.unconnected(kind, &format!("the answer was HTTP {status}{hint}")))
    }

    fn unreachable(&self, why: &str, error: Option<io::Error>) -> Ending {
        let fault = self.unconnected(Kind::Offline, why);
        Ending::Lost(match error {
            Some(error) => fault.caused_by(error),
            None => fault,
        })
    }

    /// Names scheme, host and port only: the rest of the address may hold secrets of the operator.
    fn unconnected(&self, kind: Kind, why: &str) -> Error {
        let address = &self.login.ws_addr;
        let (scheme, host) = (address.scheme(), address.host_str().unwrap_or_default());
        let port = address.port_or_known_default().unwrap_or_default();
        Error::new(kind, format!("no connection to wsAddr {scheme}://{host}:{port}: {why}"))
    }

    fn nonce(&self) -> String {
        format!("{:016x}", self.random.bits())
    }
}

impl Transport for OpenIm {
    fn login(&self) -> LoginKey {
        LoginKey::new(self.login.api_addr.as_str(), &self.login.user_id, self.login.platform_id)
    }

    fn self_id(&self) -> &str {
        &self.login.user_id
    }

    fn connect(&self, link: Link) -> BoxFuture<'_, Ending> {
        Box::pin(self.run(link))
    }

    fn ended(&self) {
        self.sender.ended();
    }

    fn send(&self, message: Outgoing) -> BoxFuture<'static, Result<Receipt>> {
        let data = match outgoing::encode(&self.login, &self.own.profile.lock(), &message) {
            Ok(data) => data,
            Err(error) => return Box::pin(std::future::ready(Err(error))),
        };
        let sending = self.sender.send(message, &data);
        let own = self.own.clone();
        Box::pin(async move {
            let receipt = sending.await?;
            own.sent(&receipt.id);
            Ok(receipt)
        })
    }
}

/// Takes what the connection reads.
struct Inbox<'a> {
    wire: &'a OpenIm,
    sync: &'a Syncer<'a>,
    accepted: Option<oneshot::Sender<()>>,
    /// Pushes are taken. What is pushed before is asked for when the sync begins.
    is_open: &'a AtomicBool,
}

/// The server had no time to say that it kicked this login, and has forgotten the token meanwhile.
fn kicked_unseen(error: &Error) -> Error {
    let text = "the server ended the connection without a word and does not know the token any more: most likely another login of the same user and platform took over; stop it there, or give this account a token of its own";
    let kicked = Error::new(Kind::Kicked, text).op("login");
    match (error.err_code(), error.err_msg()) {
        (Some(code), Some(name)) => kicked.server(code, name),
        _ => kicked,
    }
}

impl Handler for Inbox<'_> {
    fn accepted(&mut self) {
        if let Some(accepted) = self.accepted.take() {
            // Nobody waits once the connection is given up.
            let _ = accepted.send(());
        }
    }

    fn push(&mut self, push: PushMessages) {
        if self.is_open.load(Ordering::Relaxed) {
            self.sync.push(push);
        }
    }

    fn online(&mut self, tips: SubUserOnlineStatusTips) {
        self.sync.status(&tips);
        self.wire.presence.learn(tips);
    }

    fn answered(&mut self, ticket: Ticket, answer: Answer) {
        self.wire.sender.answered(ticket, answer);
    }

    fn cut(&mut self) {
        let was_accepted = self.accepted.is_none();
        self.wire.was_cut.store(was_accepted, Ordering::Relaxed);
    }
}
