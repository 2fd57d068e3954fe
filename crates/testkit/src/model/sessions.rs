//! The logins that are connected now, and the users each of them watches.

use std::collections::{BTreeSet, HashMap};

use crate::limits::SUBSCRIPTIONS_MAX;

/// Identifies a connection for as long as the server runs.
pub(crate) type SessionId = u64;

/// One connected login.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) user_id: String,
    pub(crate) platform_id: i32,
    pub(crate) token: String,
}

#[derive(Default)]
pub(crate) struct Sessions {
    last_id: SessionId,
    by_user: HashMap<String, Vec<Session>>,
    /// For each session the users whose online status it watches.
    watched: HashMap<SessionId, BTreeSet<String>>,
}

impl Sessions {
    /// An id for the next connection.
    pub(crate) fn next_id(&mut self) -> SessionId {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn add(&mut self, session: Session) {
        self.by_user.entry(session.user_id.clone()).or_default().push(session);
    }

    /// Removes the session. False if it was gone already.
    pub(crate) fn remove(&mut self, id: SessionId, user_id: &str) -> bool {
        self.watched.remove(&id);
        let Some(all) = self.by_user.get_mut(user_id) else { return false };
        let Some(index) = all.iter().position(|session| session.id == id) else { return false };
        all.remove(index);
        if all.is_empty() {
            self.by_user.remove(user_id);
        }
        true
    }

    pub(crate) fn count(&self) -> usize {
        self.by_user.values().map(Vec::len).sum()
    }

    /// The user's sessions, oldest first.
    pub(crate) fn of(&self, user_id: &str) -> &[Session] {
        self.by_user.get(user_id).map_or(&[], Vec::as_slice)
    }

    /// The platforms the user is online with, each once, in ascending order.
    pub(crate) fn platforms(&self, user_id: &str) -> Vec<i32> {
        let set: BTreeSet<i32> = self.of(user_id).iter().map(|session| session.platform_id).collect();
        set.into_iter().collect()
    }

    /// Changes the users that a session watches, up to the limit.
    pub(crate) fn watch(&mut self, id: SessionId, add: &[String], remove: &[String]) {
        let watched = self.watched.entry(id).or_default();
        for user_id in remove {
            watched.remove(user_id);
        }
        let room = SUBSCRIPTIONS_MAX.saturating_sub(watched.len());
        watched.extend(add.iter().take(room).cloned());
    }

    /// The sessions that watch this user.
    pub(crate) fn watchers(&self, user_id: &str) -> Vec<SessionId> {
        let watches = |session: &&Session| self.watched.get(&session.id).is_some_and(|users| users.contains(user_id));
        self.by_user.values().flatten().filter(watches).map(|session| session.id).collect()
    }
}
