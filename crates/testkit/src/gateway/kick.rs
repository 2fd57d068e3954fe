//! Taking connections away: another login, a forced logout.

use std::sync::Arc;

use openim_core::wire::envelope::{self, Response};
use openim_core::wire::ops;

use super::hub::{Binary, Connection};
use crate::state::State;
use crate::state::policy::ends;

impl State {
    /// Makes an accepted connection reachable. It takes the place of the user's connections that the policy does not let
    /// stand beside it; those with the same token stay, and both receive pushes.
    pub(crate) fn register(&mut self, connection: &Arc<Connection>) {
        let (user_id, platform_id) = (connection.user_id.as_str(), connection.platform_id);
        let policy = self.config.multi_login_policy;
        let rivals = self.hub.of(user_id).iter().filter(|other| ends(policy, platform_id, other.platform_id));
        let rivals: Vec<_> = rivals.cloned().collect();
        for other in &rivals {
            self.tokens.kick(user_id, other.platform_id, Some(&connection.token));
            if other.token != connection.token {
                self.kick_connection(other);
            }
        }
        let platforms = self.hub.platforms(user_id);
        self.hub.enter(Arc::clone(connection));
        if let Some(user) = self.users.get_mut(user_id) {
            user.logins += 1;
        }
        self.announce_if_changed(user_id, &platforms);
    }

    /// Ends every connection of the user and platform and marks its tokens kicked.
    pub(crate) fn force_logout(&mut self, user_id: &str, platform_id: i32) -> usize {
        self.tokens.kick(user_id, platform_id, None);
        let all = self.on_platform(user_id, platform_id);
        for connection in &all {
            self.kick_connection(connection);
        }
        all.len()
    }

    /// The connection is gone, for whatever reason.
    pub(crate) fn unregister(&mut self, connection: &Connection) {
        let platforms = self.hub.platforms(&connection.user_id);
        if self.hub.leave(connection) {
            self.announce_if_changed(&connection.user_id, &platforms);
        }
    }

    fn on_platform(&self, user_id: &str, platform_id: i32) -> Vec<Arc<Connection>> {
        self.hub.of(user_id).iter().filter(|connection| connection.platform_id == platform_id).cloned().collect()
    }

    fn kick_connection(&mut self, connection: &Connection) {
        connection.write_binary(&frame());
        connection.finish.cancel();
        self.unregister(connection);
    }
}

fn frame() -> Binary {
    let kick = Response {
        req_identifier: ops::KICK_ONLINE_MSG,
        msg_incr: String::new(),
        operation_id: String::new(),
        err_code: 0,
        err_msg: String::new(),
        data: None,
    };
    Binary::new(envelope::encode(&kick))
}
