//! The server against its clients: what a test does to answers, sequences, tokens, doors and clocks. The same calls are
//! in the control API.

use std::sync::Arc;
use std::time::Duration;

use openim_core::wire::envelope::{self, Response};
use openim_core::wire::ops;
use openim_core::wire::pb::{MsgData, PullMsgs, PushMessages, SendMsgResp};
use tokio_tungstenite::tungstenite::Message;

use crate::fault::Fault;
use crate::gateway::hub::Binary;
use crate::gateway::push::Push;
use crate::server::{Server, Shared};
use crate::trouble::{Door, Rule};

/// Which of the two ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Port {
    /// The gateway's.
    Ws,
    /// The REST API's.
    Api,
}

impl Shared {
    /// The message becomes readable and is pushed so much later; without a time it stays away.
    pub(crate) fn later(self: &Arc<Self>, after: Option<Duration>, push: Push) {
        let Some(after) = after else { return };
        let shared = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = shared.stop.cancelled() => {}
                () = tokio::time::sleep(after) => shared.change(|state| {
                    state.messages.put_back(&push.conversation_id, &push.msg);
                    state.deliver(&push);
                }),
            }
        });
    }
}

impl Server {
    /// Replaces the rules.
    pub fn set_rules(&self, rules: Vec<Rule>) {
        self.0.change(|state| state.rules.set(rules));
    }

    /// How often clients have made this request so far.
    pub fn asked(&self, op: i32) -> u64 {
        self.0.look(|state| state.asked.get(&op).copied().unwrap_or_default())
    }

    /// As [`Server::send`], but pulls get placeholders until the message comes so much later, or for ever.
    pub fn send_late(&self, msg: MsgData, after: Option<Duration>) -> Result<SendMsgResp, Fault> {
        let (ack, pushes) = self.0.change(|state| {
            let operation_id = state.fresh_id("op");
            let sender = msg.send_id.clone();
            let accepted = state.accept(&sender, msg, &operation_id)?;
            for push in &accepted.pushes {
                state.messages.forget(&push.conversation_id, push.msg.seq);
            }
            Ok((accepted.ack, accepted.pushes))
        })?;
        pushes.into_iter().for_each(|push| self.0.later(after, push));
        Ok(ack)
    }

    /// Pushes stored messages once more, in this order, to everybody in the conversation. Returns how many there were.
    pub fn push_again(&self, conversation_id: &str, seqs: &[i64]) -> usize {
        self.0.change(|state| {
            let found: Vec<_> =
                seqs.iter().filter_map(|seq| state.messages.get(conversation_id, *seq).cloned()).collect();
            for msg in &found {
                let push = Push {
                    conversation_id: conversation_id.into(),
                    to: state.recipients(msg),
                    msg: msg.clone(),
                    operation_id: String::new(),
                };
                state.deliver(&push);
            }
            found.len()
        })
    }

    /// Pushes a message that is stored nowhere to all connections of a user, in a conversation of that name.
    pub fn push_lie(&self, user_id: &str, conversation_id: &str, msgs: Vec<MsgData>) -> usize {
        let one = PullMsgs { msgs, ..PullMsgs::default() };
        let mut push = PushMessages::default();
        let map = if conversation_id.starts_with("n_") { &mut push.notification_msgs } else { &mut push.msgs };
        map.insert(conversation_id.into(), one);
        let response = Response {
            req_identifier: ops::PUSH_MSG,
            msg_incr: String::new(),
            operation_id: "lie".into(),
            err_code: 0,
            err_msg: String::new(),
            data: Some(envelope::data(&push)),
        };
        self.write_envelope(user_id, &response)
    }

    /// Writes an envelope to all connections of a user.
    pub fn write_envelope(&self, user_id: &str, response: &Response) -> usize {
        let frame = Binary::new(envelope::encode(response));
        self.on_connections(user_id, |_, connection| connection.write_binary(&frame))
    }

    /// Writes a frame as it is to all connections of a user.
    pub fn write_frame(&self, user_id: &str, frame: &Message) -> usize {
        self.on_connections(user_id, |_, connection| connection.write(frame.clone()))
    }

    /// Binary frames to the user's present connections come in fragments of so many bytes; 0 is in one piece.
    pub fn fragment(&self, user_id: &str, bytes: usize) -> usize {
        self.on_connections(user_id, |_, connection| connection.set_fragment(bytes))
    }

    /// The server waits so long before each frame it reads from and writes to the user's present connections.
    pub fn slow(&self, user_id: &str, pause: Duration) -> usize {
        self.on_connections(user_id, |_, connection| connection.set_pause(pause))
    }

    /// The next message has a sequence this much higher; the ones between never get a message. Returns the newest.
    pub fn jump(&self, conversation_id: &str, by: u64) -> i64 {
        self.0.change(|state| state.messages.jump(conversation_id, by))
    }

    /// The conversation is empty again and counts from one; all of them without a name.
    pub fn reset(&self, conversation_id: Option<&str>) {
        self.0.change(|state| {
            state.messages.reset(conversation_id);
            state.conversations.reset(conversation_id);
        });
    }

    /// All tokens of the user (and platform) are answered with this code from now on; with 0 they are good again. The
    /// connections stay. Returns how many tokens there are.
    pub fn refuse_tokens(&self, user_id: &str, platform_id: Option<i32>, code: i32) -> usize {
        self.0.change(|state| state.tokens.refuse(user_id, platform_id, code))
    }

    /// The server's clock is so much ahead: its times, and the `iat` and `exp` of new tokens.
    pub fn set_clock_offset(&self, ms: i64) {
        self.0.change(|state| state.clock_offset_ms = ms);
    }

    /// A door stands so from now on, or for so long. In-memory connections have no door: see [`crate::Net`].
    pub fn set_door(&self, port: Port, door: Door, how_long: Option<Duration>) {
        let sender = match port {
            Port::Ws => &self.0.doors.0,
            Port::Api => &self.0.doors.1,
        };
        sender.send_replace(door);
        let Some(how_long) = how_long else { return };
        let (shared, sender) = (Arc::clone(&self.0), sender.clone());
        self.0.tasks.spawn(async move {
            tokio::select! {
                () = shared.stop.cancelled() => {}
                () = tokio::time::sleep(how_long) => { sender.send_replace(Door::Open); }
            }
        });
    }
}
