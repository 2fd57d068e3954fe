//! Online status of other users (2005): subscriptions, and the unasked frame when a watched user comes or goes.

use openim_core::wire::envelope::{self, Response};
use openim_core::wire::ops;
use openim_core::wire::pb::{SubUserOnlineStatus, SubUserOnlineStatusElem, SubUserOnlineStatusTips};

use super::hub::{Binary, Connection};
use crate::state::State;

impl State {
    /// Changes what the connection watches; the answer is the status of the newly watched.
    pub(crate) fn subscribe(
        &mut self,
        connection: &Connection,
        asked: &SubUserOnlineStatus,
    ) -> SubUserOnlineStatusTips {
        self.hub.watch(connection.id, &asked.subscribe_user_id, &asked.unsubscribe_user_id);
        let subscribers = asked.subscribe_user_id.iter().map(|user_id| self.elem(user_id)).collect();
        SubUserOnlineStatusTips { subscribers }
    }

    /// Tells the watchers, unless the user's platforms are still `before`.
    pub(crate) fn announce_if_changed(&self, user_id: &str, before: &[i32]) {
        if self.hub.platforms(user_id) == before {
            return;
        }
        let mut watchers = self.hub.watchers(user_id).peekable();
        if watchers.peek().is_none() {
            return;
        }
        let tips = SubUserOnlineStatusTips { subscribers: vec![self.elem(user_id)] };
        let response = Response {
            req_identifier: ops::SUB_USER_ONLINE_STATUS,
            msg_incr: String::new(),
            operation_id: String::new(),
            err_code: 0,
            err_msg: String::new(),
            data: Some(envelope::data(&tips)),
        };
        let frame = Binary::new(envelope::encode(&response));
        watchers.for_each(|watcher| watcher.write_binary(&frame));
    }

    fn elem(&self, user_id: &str) -> SubUserOnlineStatusElem {
        SubUserOnlineStatusElem { user_id: user_id.into(), online_platform_ids: self.hub.platforms(user_id) }
    }
}
