//! What any IM channel needs, whatever the wire. A transport is one wire; this crate keeps its accounts alive, decides
//! when to connect again, remembers what was delivered, and hands batches to whoever takes them.
//!
//! Law of this room: nothing here names a wire. A wire's own configuration (token, addresses) is parsed by its
//! transport; this crate knows the account's id, whether it is enabled, and its policy.

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
pub use transport::{Ending, Journal, Link, LoginKey, Offer, Sink, Transport};
pub use unacked::Delivery;
