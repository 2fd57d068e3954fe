//! What is known of the account's own: its newest messages by their place, and how it shows itself to others.

use openim_core::events::OwnMessages;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// How the account shows itself to others; empty until the server has told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) nickname: String,
    pub(crate) face_url: String,
}

#[derive(Default)]
pub(crate) struct SelfState {
    pub(crate) messages: Mutex<OwnMessages>,
    pub(crate) profile: Mutex<Profile>,
    /// The profile may have changed.
    pub(crate) changed: Notify,
}
