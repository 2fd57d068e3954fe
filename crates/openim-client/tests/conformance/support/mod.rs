//! A gateway whose every frame a test writes by hand, on in-memory streams, so that a paused clock makes waits exact.

mod account;
mod chat;
mod clock;
mod messages;
mod peer;

use std::time::Duration;

pub(crate) use account::{Rig, login, start_with_dialer};
pub(crate) use chat::{CHAT, online_at, stored, take};
pub(crate) use clock::{EPOCH_MS, TestClock, TestRandom};
pub(crate) use messages::{sent_message, text_from_alice};
pub(crate) use peer::{Peer, refuse_upgrade};

/// Longer than anything a test waits for; under a paused clock it costs nothing.
const PATIENCE: Duration = Duration::from_secs(600);
