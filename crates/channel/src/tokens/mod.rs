//! The token keeper of an account: it knows the token of the moment, has a new one fetched when that is needed, and makes
//! sure that this happens once, not too often, and never for nothing.
//!
//! The order of a renewal: a new token is **persisted first** (the keeper's own record, then what the next request needs,
//! then the host's configuration), **swapped second**, and the connection made anew **third**. A token is always read from
//! the keeper, never from the configuration.

pub mod config;
pub mod guard;
pub mod keeper;
pub mod marker;
pub mod ports;
pub mod request;
pub mod store;
pub mod times;

mod entries;
mod files;
mod paths;
mod redact;
mod state_file;
mod template;

pub use config::{Mode, Settings};
pub use guard::Guard;
pub use keeper::{Facts, Keeper, News, Offered, Outcome, Skip, Spec};
pub use marker::{Marker, Notice};
pub use ports::{Announce, Failure, Fetched, Inspect, Opaque, Reason, Refresher, Secrets};
pub use redact::plain as plain_words;
pub use request::{HttpRefresher, expand};
pub use store::{Record, Store};
