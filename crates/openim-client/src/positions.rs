//! How far each conversation goes, shared by the sync, which moves the positions, and by sends, which look above them.

use std::sync::Arc;

use openim_core::catchup::Catchup;
use parking_lot::Mutex;

/// The positions that the newest connection knows.
#[derive(Default)]
pub(crate) struct Positions(Mutex<Arc<Mutex<Catchup>>>);

impl Positions {
    /// Positions of a new connection, which knows none yet.
    pub(crate) fn restart(&self, user_id: &str) -> Arc<Mutex<Catchup>> {
        let mut current = self.0.lock();
        let next = current.lock().next_connection(user_id);
        *current = Arc::new(Mutex::new(next));
        current.clone()
    }

    /// The newest sequence number that is known of a conversation. Waits while the sync hands over what it has caught up
    /// with, so no lock that the sync takes meanwhile may be held.
    pub(crate) fn newest_of(&self, conversation: &str) -> i64 {
        let catchup = self.0.lock().clone();

        catchup.lock().newest_of(conversation)
    }
}
