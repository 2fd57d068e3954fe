//! Tokens and connections of users: issue, kick, cut, hold.

use std::time::Duration;

use tokio_tungstenite::tungstenite::Message;

use super::Server;
use crate::backend::State;
use crate::connections::connection::Connection;

impl Server {
    /// The user's newest valid token of the platform, or a new one.
    pub fn token(&self, user_id: &str, platform_id: i32) -> String {
        let present = self.look(|state| {
            let newest = state.model.tokens.newest_valid(user_id, platform_id)?;
            state.model.verify_token(newest).is_ok().then(|| newest.to_owned())
        });
        present.unwrap_or_else(|| self.issue_token(user_id, platform_id))
    }

    /// A new token, as from `/auth/get_user_token`: under policy 1 it retires the user's other tokens of that platform.
    pub fn issue_token(&self, user_id: &str, platform_id: i32) -> String {
        self.change(|state| state.model.issue_token(user_id, platform_id))
    }

    /// A new token that is valid for `life_s` seconds, counted from five seconds ago as for all tokens.
    pub fn issue_token_for(&self, user_id: &str, platform_id: i32, life_s: i64) -> String {
        self.change(|state| state.model.issue_token_for(user_id, platform_id, life_s))
    }

    /// Makes the server answer this code for all tokens of the user (and platform); 0 makes them valid again. The
    /// connections stay. Returns the number of tokens.
    pub fn refuse_tokens(&self, user_id: &str, platform_id: Option<i32>, code: i32) -> usize {
        self.change(|state| state.model.tokens.refuse(user_id, platform_id, code))
    }

    /// As `/auth/force_logout`: kicks the user's connections of that platform and marks the tokens as kicked. Returns the
    /// number of connections.
    pub fn kick(&self, user_id: &str, platform_id: i32) -> usize {
        self.change(|state| state.model.force_logout(user_id, platform_id))
    }

    /// The number of the user's live connections.
    pub fn connections(&self, user_id: &str) -> usize {
        self.look(|state| state.model.sessions.of(user_id).len())
    }

    /// The number of the user's accepted handshakes so far.
    pub fn logins(&self, user_id: &str) -> u64 {
        self.look(|state| state.model.users.logins(user_id))
    }

    /// Drops the user's connections at once, without a close frame. Returns their number.
    pub fn cut(&self, user_id: &str) -> usize {
        self.on_connections(user_id, |state, connection| {
            connection.cut.cancel();
            state.disconnect(connection);
        })
    }

    /// Stops reading from and writing to the user's present connections, or resumes it. Returns their number.
    pub fn hold(&self, user_id: &str, held: bool) -> usize {
        self.on_connections(user_id, |_, connection| connection.set_paused(held))
    }

    /// Makes the user's connections half-open: they stay open, but what arrives is ignored, nothing is written, and the
    /// user counts as disconnected. Returns their number.
    pub fn half_open(&self, user_id: &str) -> usize {
        self.on_connections(user_id, |state, connection| {
            connection.half_open.cancel();
            state.disconnect(connection);
        })
    }

    /// Splits binary frames to the user's present connections into fragments of this size; 0 stops that.
    pub fn fragment(&self, user_id: &str, bytes: usize) -> usize {
        self.on_connections(user_id, |_, connection| connection.set_fragment(bytes))
    }

    /// Waits this long before each frame that is read from and written to the user's present connections.
    pub fn slow(&self, user_id: &str, delay: Duration) -> usize {
        self.on_connections(user_id, |_, connection| connection.set_delay(delay))
    }

    /// Writes a frame as it is to all connections of a user.
    pub fn write_frame(&self, user_id: &str, frame: &Message) -> usize {
        self.on_connections(user_id, |_, connection| connection.write(frame.clone()))
    }

    pub(super) fn on_connections(&self, user_id: &str, act: impl Fn(&mut State, &Connection)) -> usize {
        self.change(|state| {
            let connections = state.connections_of(user_id);
            connections.iter().for_each(|connection| act(state, connection));
            connections.len()
        })
    }
}
