//! The server as its owner holds it: start it, reach into it, stop it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use base::{Clock, RandomSource};
use openim_core::conversation;
use openim_core::message::{kinds, text};
use openim_core::wire::pb::{MsgData, SendMsgResp};
use parking_lot::Mutex;
use tokio::io::DuplexStream;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::data::{self, Data};
use crate::desk::{Desk, DeskReport, DeskState};
use crate::fault::Fault;
use crate::gateway::hub::Connection;
use crate::mischief::Mischief;
use crate::state::State;
use crate::storage::{Home, StorageTrouble};
use crate::trouble::Door;
use crate::{listen, memory};

/// What all connections of a server share.
pub(crate) struct Shared {
    state: Mutex<State>,
    /// Counts changes, for those who wait for one.
    changes: watch::Sender<u64>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    /// Where the state is kept between runs.
    data: Option<Data>,
    /// Where stored files are.
    pub(crate) home: Home,
    /// How the gateway's and the API's doors stand.
    pub(crate) doors: (watch::Sender<Door>, watch::Sender<Door>),
}

impl Shared {
    /// Reads or writes the state, and wakes whoever waits for a change. Never held across an await.
    pub(crate) fn change<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        let result = with(&mut self.state.lock());
        self.changes.send_modify(|count| *count += 1);
        result
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Writes the state to its file, where it has one.
    pub(crate) fn save(&self) -> Result<(), String> {
        let Some(data) = &self.data else { return Ok(()) };
        let bytes = self.look(State::keep).map_err(|error| error.to_string())?;
        data.write(&bytes)
    }

    /// Reads the state.
    pub(crate) fn look<T>(&self, with: impl FnOnce(&State) -> T) -> T {
        with(&self.state.lock())
    }
}

/// Where a listening server is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// `ws://host:port`, the gateway.
    pub ws: String,
    /// `http://host:port`, the REST API.
    pub api: String,
}

/// Whom [`Server::send_as`] writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To<'a> {
    /// One user.
    User(&'a str),
    /// A group.
    Group(&'a str),
}

/// A running OpenIM server with its own users, groups, tokens and messages, in memory. Clones are the same server.
#[derive(Clone)]
pub struct Server(pub(crate) Arc<Shared>);

impl Server {
    /// A server that nobody can reach yet: see [`Self::listen`] and [`Self::open`]. The error is [`Config::check`]'s.
    pub fn new(config: Config, clock: Arc<dyn Clock>, random: Arc<dyn RandomSource>) -> Result<Self, String> {
        config.check()?;
        Ok(Self::of(State::new(config, clock, random), None))
    }

    /// A server that goes on where the last one with this directory ended, and keeps its state there. Call it inside a
    /// runtime; call [`Self::save`] after [`Self::shutdown`].
    pub fn with_data(
        config: Config,
        clock: Arc<dyn Clock>,
        random: Arc<dyn RandomSource>,
        directory: &Path,
    ) -> Result<Self, String> {
        config.check()?;
        let (data, kept) = Data::open(directory)?;
        let state = match kept {
            Some(kept) => State::with(kept, config, clock, random),
            None => State::new(config, clock, random),
        };
        let server = Self::of(state, Some(data));
        server.0.tasks.spawn(data::keep_written(Arc::clone(&server.0)));
        Ok(server)
    }

    fn of(state: State, data: Option<Data>) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            changes: watch::Sender::new(0),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            home: data.as_ref().map_or_else(Home::temporary, |data| Home::Kept(data.objects())),
            data,
            doors: Default::default(),
        }))
    }

    /// Listens on both ports of the configuration, on loopback. Both answer the gateway and the REST API.
    pub async fn listen(&self) -> io::Result<Addresses> {
        listen::start(&self.0).await
    }

    /// The client's end of an in-memory connection; the other end is served like an accepted socket.
    pub fn open(&self) -> DuplexStream {
        memory::open(&self.0)
    }

    /// Ends every connection and listener and waits for them. The state stays readable.
    pub async fn shutdown(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Writes the state to the directory of [`Self::with_data`] now.
    pub fn save(&self) -> Result<(), String> {
        self.0.save()
    }

    /// The user's newest good token of the platform, or a new one.
    pub fn token(&self, user_id: &str, platform_id: i32) -> String {
        let present = self.0.look(|state| state.tokens.good(user_id, platform_id).map(str::to_owned));
        let present = present.filter(|token| self.0.look(|state| state.verify_token(token).is_ok()));
        present.unwrap_or_else(|| self.issue_token(user_id, platform_id))
    }

    /// A new token, as `/auth/get_user_token` issues it: under policy 1 it retires the user's others of that platform.
    pub fn issue_token(&self, user_id: &str, platform_id: i32) -> String {
        self.0.change(|state| state.issue_token(user_id, platform_id))
    }

    /// As `/auth/force_logout`: ends the user's connections of that platform with a kick and marks the tokens. Returns how
    /// many connections there were.
    pub fn kick(&self, user_id: &str, platform_id: i32) -> usize {
        self.0.change(|state| state.force_logout(user_id, platform_id))
    }

    /// The user's live connections.
    pub fn connections(&self, user_id: &str) -> usize {
        self.0.look(|state| state.hub.of(user_id).len())
    }

    /// Drops the user's connections at once, without flushing or saying why. Returns how many there were.
    pub fn cut(&self, user_id: &str) -> usize {
        self.on_connections(user_id, |state, connection| {
            connection.cut.cancel();
            state.unregister(connection);
        })
    }

    /// Nothing of the user's present connections is read or written while `held`. Returns how many there are.
    pub fn hold(&self, user_id: &str, held: bool) -> usize {
        self.on_connections(user_id, |_, connection| {
            connection.held_back.send_replace(held);
        })
    }

    /// The user's connections stay open and lead nowhere: what comes is swallowed, nothing is written, and the user is
    /// not connected any more. Returns how many there were.
    pub fn half_open(&self, user_id: &str) -> usize {
        self.on_connections(user_id, |state, connection| {
            connection.abandoned.cancel();
            state.unregister(connection);
        })
    }

    pub(crate) fn on_connections(&self, user_id: &str, act: impl Fn(&mut State, &Connection)) -> usize {
        self.0.change(|state| {
            let connections = state.hub.of(user_id).to_vec();
            connections.iter().for_each(|connection| act(state, connection));
            connections.len()
        })
    }

    /// Handshakes of the user that were accepted so far.
    pub fn logins(&self, user_id: &str) -> u64 {
        self.0.look(|state| state.users.logins(user_id))
    }

    /// The stored messages of a conversation, in order of their sequences.
    pub fn stored(&self, conversation_id: &str) -> Vec<MsgData> {
        self.0.look(|state| state.messages.all(conversation_id))
    }

    /// Loses a stored message; pulls answer a placeholder from now on. False where there was none.
    pub fn lose(&self, conversation_id: &str, seq: i64) -> bool {
        self.0.change(|state| state.messages.forget(conversation_id, seq))
    }

    /// Misbehaves from now on, or no longer.
    pub fn misbehave(&self, mischief: Mischief) {
        self.0.change(|state| {
            state.mischief = mischief;
            state.release_held();
        });
    }

    /// The object storage misbehaves from now on, or no longer.
    pub fn trouble_storage(&self, trouble: StorageTrouble) {
        self.0.change(|state| state.storage = trouble);
    }

    /// Sets the token desk up anew; what it counted is forgotten.
    pub fn set_desk(&self, desk: Desk) {
        self.0.change(|state| state.desk = DeskState { desk, report: DeskReport::default() });
    }

    /// What happened at the token desk.
    pub fn desk_report(&self) -> DeskReport {
        self.0.look(|state| state.desk.report.clone())
    }

    /// A new token that lives so long, counted from five seconds ago as all are.
    pub fn issue_token_for(&self, user_id: &str, platform_id: i32, life_s: i64) -> String {
        self.0.change(|state| state.issue_token_for(user_id, platform_id, life_s))
    }

    /// The user writes a text, without a client. All checks of the server apply.
    pub fn send_as(&self, user_id: &str, to: To<'_>, body: &str) -> Result<SendMsgResp, Fault> {
        let (recv_id, group_id, session_type) = match to {
            To::User(id) => (id, "", conversation::SINGLE),
            To::Group(id) => ("", id, conversation::GROUP),
        };
        let (nickname, now, client_msg_id) = self.0.look(|state| {
            let nickname = state.users.get(user_id).map(|info| info.nickname.clone()).unwrap_or_default();
            (nickname, state.now_ms(), state.fresh_id(user_id))
        });
        self.send(MsgData {
            send_id: user_id.into(),
            recv_id: recv_id.into(),
            group_id: group_id.into(),
            client_msg_id,
            sender_platform_id: 5,
            sender_nickname: nickname,
            session_type,
            msg_from: kinds::FROM_USER,
            content_type: kinds::TEXT,
            content: text::encode(body),
            create_time: now,
            status: kinds::STATUS_SENDING,
            ..MsgData::default()
        })
    }

    /// A message of any kind, as if its sender had sent it over a connection.
    pub fn send(&self, msg: MsgData) -> Result<SendMsgResp, Fault> {
        self.0.change(|state| {
            let sender = msg.send_id.clone();
            let operation_id = state.fresh_id("op");
            let accepted = state.accept(&sender, msg, &operation_id)?;
            accepted.pushes.iter().for_each(|push| state.deliver(push));
            Ok(accepted.ack)
        })
    }

    /// Waits until `holds` is true of the server; asked again after every change. Give it a deadline.
    pub async fn wait_until(&self, holds: impl Fn(&Self) -> bool) {
        let mut changes = self.0.changes.subscribe();
        while !holds(self) {
            changes.mark_unchanged();
            if holds(self) || changes.changed().await.is_err() {
                return;
            }
        }
    }
}
