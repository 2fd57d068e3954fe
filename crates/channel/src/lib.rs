//! What an IM channel needs, whatever its protocol. A [`Transport`] speaks the protocol; this crate keeps accounts
//! connected, records what was delivered, manages tokens, and hands batches of messages to the host.
//!
//! No file here names a protocol. Each transport reads its own configuration, such as addresses; this crate knows an
//! account's id, its token and its policy.

#![warn(missing_docs)]

pub mod account;
pub mod dedupe;
pub mod event;
pub mod events;
pub mod ledger;
pub mod limits;
pub mod message;
pub mod offline;
pub mod registry;
pub mod status;
pub mod target;
pub mod tasks;
pub mod tokens;
pub mod transport;
pub mod unacked;

mod batch_delay;
mod fingerprint;
mod supervisor;

pub use account::{Account, AccountSpec, Batch};
pub use base::BoxFuture;
pub use event::{Event, WireEvent, WireNotice};
pub use ledger::Ledger;
pub use message::{Body, Chat, Inbound, Outgoing, Position, Push, Receipt};
pub use offline::OfflinePolicy;
pub use registry::Registry;
pub use status::Status;
pub use target::Target;
pub use tokens::TokenManager;
pub use transport::{Ending, Journal, Link, LoginKey, Observation, Offer, Sink, Transport};
pub use unacked::Delivery;
