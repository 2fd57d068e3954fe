//! Turns a push to users into frames for their sessions.

use super::Model;
use super::outgoing::{Outgoing, Push};

impl Model {
    /// Pushes the message to every session of every recipient whom pushes reach now. This happens under the server's
    /// lock, so that every connection gets the pushes of a conversation in the order of their sequences.
    pub(crate) fn deliver(&mut self, push: &Push) {
        let reached = push.to.iter().filter(|user_id| self.reachability.reaches(user_id));
        let to: Vec<_> = reached.flat_map(|user_id| self.sessions.of(user_id)).map(|session| session.id).collect();
        if to.is_empty() {
            return;
        }
        self.outgoing.push(Outgoing::Push {
            to,
            conversation_id: push.conversation_id.clone(),
            msg: Box::new(push.msg.clone()),
            operation_id: push.operation_id.clone(),
        });
    }
}
