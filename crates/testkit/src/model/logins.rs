//! Logging in and out: which sessions a new one replaces, forced logouts, and who is told about the online status.

use openim_core::wire::errcode;
use openim_core::wire::pb::{SubUserOnlineStatus, SubUserOnlineStatusElem, SubUserOnlineStatusTips};

use super::Model;
use super::login_policy::replaces;
use super::outgoing::Outgoing;
use super::sessions::{Session, SessionId};
use crate::config::ServerVersion;
use crate::refusal::Refusal;

impl Model {
    /// Refuses a connection when the gateway has as many as it may have.
    pub(crate) fn check_capacity(&self) -> Result<(), Refusal> {
        if self.sessions.count() < self.config.max_connections {
            return Ok(());
        }
        Err(Refusal::new(errcode::CONN_OVER_MAX_NUM, "the gateway is full"))
    }

    /// Checks that the token is valid and belongs to this user and platform.
    pub(crate) fn authorize(&self, token: &str, user_id: &str, platform_id: i32) -> Result<(), Refusal> {
        let claims = self.verify_token(token)?;
        if claims.user_id != user_id || claims.platform_id != platform_id {
            let why = if claims.user_id == user_id {
                format!("token platform {} != platformID {platform_id}", claims.platform_id)
            } else {
                format!("token uid {} != userID {user_id}", claims.user_id)
            };
            return Err(Refusal::new(errcode::TOKEN_INVALID, why));
        }
        Ok(())
    }

    /// Makes an accepted connection reachable. It replaces the user's sessions that the login policy does not allow
    /// beside it; sessions with the same token stay, and all of them get pushes.
    pub(crate) fn log_in(&mut self, session: Session) {
        let user_id = session.user_id.clone();
        let policy = self.config.multi_login_policy;
        let all = self.sessions.of(&user_id).iter();
        let replaced: Vec<_> =
            all.filter(|other| replaces(policy, session.platform_id, other.platform_id)).cloned().collect();
        for other in &replaced {
            self.tokens.kick(&user_id, other.platform_id, Some(&session.token));
            if other.token != session.token {
                self.kick(other);
            }
        }
        let platforms = self.sessions.platforms(&user_id);
        if self.sessions.of(&user_id).is_empty() {
            self.reachability.arrive(&user_id);
        }
        self.sessions.add(session);
        if let Some(user) = self.users.get_mut(&user_id) {
            user.logins += 1;
        }
        self.announce_if_changed(&user_id, &platforms);
    }

    /// The session has ended, for whatever reason.
    pub(crate) fn log_out(&mut self, id: SessionId, user_id: &str) {
        let platforms = self.sessions.platforms(user_id);
        if self.sessions.remove(id, user_id) {
            if self.sessions.of(user_id).is_empty() {
                self.reachability.leave(user_id);
            }
            self.announce_if_changed(user_id, &platforms);
        }
    }

    /// Ends every session of the user on the platform and marks its tokens as kicked. Returns the number of sessions.
    pub(crate) fn force_logout(&mut self, user_id: &str, platform_id: i32) -> usize {
        self.tokens.kick(user_id, platform_id, None);
        let all = self.sessions.of(user_id).iter();
        let kicked: Vec<_> = all.filter(|session| session.platform_id == platform_id).cloned().collect();
        for session in &kicked {
            self.kick(session);
        }
        kicked.len()
    }

    fn kick(&mut self, session: &Session) {
        // The release closes the socket without waiting for its writer: there, every second frame is lost.
        let is_frame_lost = self.config.like == ServerVersion::V3_8_3 && self.random.bits().is_multiple_of(2);
        self.outgoing.push(Outgoing::Kick { to: session.id, is_frame_lost });
        self.log_out(session.id, &session.user_id);
    }

    /// 2005: changes what the session watches. The answer is the status of the newly watched users.
    pub(crate) fn subscribe(&mut self, id: SessionId, request: &SubUserOnlineStatus) -> SubUserOnlineStatusTips {
        self.sessions.watch(id, &request.subscribe_user_id, &request.unsubscribe_user_id);
        let subscribers = request.subscribe_user_id.iter().map(|user_id| self.online_status(user_id)).collect();
        SubUserOnlineStatusTips { subscribers }
    }

    /// Tells the watchers of the user, unless the user's platforms are still `before`.
    fn announce_if_changed(&mut self, user_id: &str, before: &[i32]) {
        let status = self.online_status(user_id);
        let to = self.sessions.watchers(user_id);
        if status.online_platform_ids != before && !to.is_empty() {
            self.outgoing.push(Outgoing::OnlineStatus { to, status });
        }
    }

    fn online_status(&self, user_id: &str) -> SubUserOnlineStatusElem {
        SubUserOnlineStatusElem { user_id: user_id.into(), online_platform_ids: self.sessions.platforms(user_id) }
    }
}
