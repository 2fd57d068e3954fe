//! The people of a world: they write, forge, let bots into a group and out of it, and lose their server's data. What they
//! did is the truth that a bot's history is compared with.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use openim_core::conversation;
use openim_core::message::{options, text};
use openim_core::wire::pb::MsgData;
use serde_json::json;
use testkit::{Recipient, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::sleep;

use crate::world::{Dice, LATE_GROUP};

/// What happened at the server, in the order it happened.
#[derive(Default)]
pub(crate) struct Truth {
    /// The order of the messages, by their ids.
    order: HashMap<String, u64>,
    /// When each bot came into the late group and left it, as places in that order.
    memberships: BTreeMap<String, Vec<(u64, u64)>>,
    /// Conversations that the server has lost once.
    pub(crate) lost: BTreeSet<String>,
}

impl Truth {
    /// The place of a message in the order of all.
    pub(crate) fn place(&self, id: &str) -> Option<u64> {
        self.order.get(id).copied()
    }

    /// Whether a message of the late group was written while the bot was in it; true for what is no person's message.
    pub(crate) fn was_inside(&self, bot: &str, id: &str) -> bool {
        let Some(at) = self.place(id) else { return true };
        let windows = self.memberships.get(bot).into_iter().flatten();
        windows.into_iter().any(|(from, to)| (*from..*to).contains(&at))
    }

    /// Whether a message of the late group is older than the bot's first joining. A restart forgets later removals.
    pub(crate) fn is_before_joining(&self, bot: &str, id: &str) -> bool {
        let first = self.memberships.get(bot).and_then(|windows| windows.first());
        self.place(id).is_some_and(|at| first.is_none_or(|(from, _)| at < *from))
    }

    pub(crate) fn was_member(&self, bot: &str, message: &MsgData) -> bool {
        self.place(&message.client_msg_id).is_some() && self.was_inside(bot, &message.client_msg_id)
    }
}

pub(crate) struct People {
    server: Server,
    dice: Dice,
    truth: Truth,
    written: u64,
    /// Nobody has set the clock of the bots' machine.
    pub(crate) clock_is_right: bool,
}

impl People {
    pub(crate) fn new(server: Server, dice: Dice) -> Self {
        Self { server, dice, truth: Truth::default(), written: 0, clock_is_right: true }
    }

    pub(crate) const fn truth(&self) -> &Truth {
        &self.truth
    }

    /// Somebody writes some messages. Returns their ids.
    pub(crate) fn write(&mut self, person: &str, to: Recipient<'_>, count: u64) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..count {
            let words = format!("message {}", self.written);
            let sent = self.server.send_as(person, to, &words).unwrap();
            self.note(&sent.client_msg_id);
            ids.push(sent.client_msg_id);
        }
        ids
    }

    pub(crate) fn chat_in(&mut self, group: &str, count: u64) {
        for _ in 0..count {
            self.write(self.dice.person(), Recipient::Group(group), 1);
        }
    }

    /// A stranger's message that is not stored: its sequence is the stranger's.
    pub(crate) fn forge(&mut self, bot: &str, chat: &str) {
        let newest = self.server.stored(chat).last().map_or(0, |message| message.seq);
        let ahead = [1, 2, 1 + self.dice.below(9_000), 1 + self.dice.below(1 << 50)];
        let seq = newest + i64::try_from(ahead[usize::try_from(self.dice.below(4)).unwrap()]).unwrap();
        let options = [(options::HISTORY.to_owned(), false)].into();
        let forged = MsgData { seq, options, ..self.message("mallory", bot) };
        self.server.push_forged(bot, chat, vec![forged]);
    }

    /// The owner of the late group invites a bot, or removes it.
    pub(crate) async fn let_in_or_out(&mut self, bot: &str) {
        // Times are in milliseconds: nothing else happens in the one of the joining.
        sleep(Duration::from_millis(5)).await;
        let windows = self.truth.memberships.entry(bot.to_owned()).or_default();
        let is_member = windows.last().is_some_and(|(_, to)| *to == u64::MAX);
        let (path, body) = match windows.last_mut() {
            Some(last) if is_member => {
                last.1 = self.written;
                ("/group/kick_group", json!({"groupID": LATE_GROUP, "kickedUserIDs": [bot]}))
            }
            _ => {
                windows.push((self.written, u64::MAX));
                ("/group/invite_user_to_group", json!({"groupID": LATE_GROUP, "invitedUserIDs": [bot]}))
            }
        };
        let answer = self.call("p0", path, &body).await;
        assert!(answer.contains("\"errCode\":0"), "{path}: {answer}");
        sleep(Duration::from_millis(5)).await;
    }

    /// The server loses a chat and counts it from the beginning.
    pub(crate) async fn lose_a_chat(&mut self, bot: &str) {
        // What is stored late is stored by then.
        sleep(Duration::from_secs(4)).await;
        let chat = conversation::single(bot, self.dice.person());
        self.server.reset(Some(&chat));
        self.truth.lost.insert(chat);
    }

    fn message(&self, person: &str, bot: &str) -> MsgData {
        MsgData {
            send_id: person.into(),
            recv_id: bot.into(),
            client_msg_id: format!("{person}-{}", self.written),
            session_type: conversation::SINGLE,
            msg_from: 100,
            content_type: 101,
            content: text::encode("words"),
            status: 1,
            ..MsgData::default()
        }
    }

    fn note(&mut self, id: &str) {
        self.truth.order.insert(id.to_owned(), self.written);
        self.written += 1;
    }

    /// One REST call, by hand.
    async fn call(&self, user: &str, path: &str, body: &serde_json::Value) -> String {
        let (token, body) = (self.server.issue_token(user, 1), body.to_string());
        let mut stream = self.server.open();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\ntoken: {token}\r\noperationID: op\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}
