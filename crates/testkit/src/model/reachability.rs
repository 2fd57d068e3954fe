//! Which users pushes reach: those who were connected when the gateway last noted who is connected. A message that comes
//! between a user's first connection and that moment is never pushed to the user.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

/// The users that pushes reach.
pub(crate) struct Reachability {
    started: Instant,
    /// The time between two notes; zero notes every change at once.
    every: Duration,
    users: HashMap<String, Reachable>,
}

#[derive(Clone, Copy)]
struct Reachable {
    /// The number of the note from which on pushes reach the user.
    from: u64,
    /// The last connection ended after this note.
    left_after: Option<u64>,
}

impl Reachability {
    pub(crate) fn new(every: Duration) -> Self {
        Self { started: Instant::now(), every, users: HashMap::new() }
    }

    /// Changes how often it is noted who is connected. Everybody who is connected is noted now.
    pub(crate) fn set_every(&mut self, every: Duration) {
        self.note_all();
        (self.started, self.every) = (Instant::now(), every);
    }

    /// Notes everybody who is connected, ahead of time.
    pub(crate) fn note_all(&mut self) {
        self.users.retain(|_, user| user.left_after.is_none());
        self.users.values_mut().for_each(|user| user.from = 0);
    }

    /// The user's first connection has begun. A user who came back before the next note was never missed.
    pub(crate) fn arrive(&mut self, user_id: &str) {
        let last = self.last_note();
        let before = self.users.get(user_id).filter(|user| user.left_after == Some(last));
        let from = before.map_or(last + 1, |user| user.from);
        self.users.insert(user_id.into(), Reachable { from, left_after: None });
    }

    /// The user's last connection has ended.
    pub(crate) fn leave(&mut self, user_id: &str) {
        let last = self.last_note();
        if let Some(user) = self.users.get_mut(user_id) {
            user.left_after = Some(last);
        }
    }

    pub(crate) fn reaches(&self, user_id: &str) -> bool {
        self.every.is_zero() || self.users.get(user_id).is_some_and(|user| user.from <= self.last_note())
    }

    /// The number of the last note.
    fn last_note(&self) -> u64 {
        let passed = self.started.elapsed().as_millis();
        u64::try_from(passed / self.every.as_millis().max(1)).unwrap_or(u64::MAX - 1)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pushes_reach_a_user_from_the_next_note_on() {
        let mut reachability = Reachability::new(Duration::from_secs(1));
        sleep(Duration::from_millis(300)).await;
        reachability.arrive("u");
        assert!(!reachability.reaches("u"));
        sleep(Duration::from_millis(699)).await;
        assert!(!reachability.reaches("u"));
        sleep(Duration::from_millis(1)).await;
        assert!(reachability.reaches("u"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_absence_between_two_notes_is_not_noticed() {
        let mut reachability = Reachability::new(Duration::from_secs(1));
        reachability.arrive("u");
        sleep(Duration::from_millis(1_100)).await;
        reachability.leave("u");
        sleep(Duration::from_millis(300)).await;
        reachability.arrive("u");
        assert!(reachability.reaches("u"));
        reachability.leave("u");
        sleep(Duration::from_secs(1)).await;
        reachability.arrive("u");
        assert!(!reachability.reaches("u"), "absent at a note");
        reachability.note_all();
        assert!(reachability.reaches("u"));
    }
}
