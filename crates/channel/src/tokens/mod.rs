//! The token keeper of an account: it knows the token of the moment, has a new one fetched when that is needed, and makes
//! sure that this happens once, not too often, and never for nothing.
//!
//! The order of a renewal: a new token is **persisted first** (the keeper's own record, then what the next request needs,
//! then the host's configuration), **swapped second**, and the connection made anew **third**. A token is always read from
//! the manager, never from the configuration.

pub mod config;
pub mod manager;
pub mod rate_limit;
pub mod request;
pub mod status_file;
pub mod store;
pub mod times;
pub mod traits;

mod files;
mod json_object;
mod paths;
mod redact;
mod state_file;
mod template;

pub use config::{RefreshMode, RefreshSettings};
pub use manager::{Offered, RefreshOutcome, SkipReason, TokenEvent, TokenFacts, TokenManager, TokenSpec};
pub use rate_limit::RefreshGuard;
pub use redact::plain as plain_words;
pub use request::{HttpRefresher, expand};
pub use status_file::{Marker, Notice};
pub use store::{TokenRecord, TokenStore};
pub use traits::{Announce, FetchFailure, Fetched, Inspect, Opaque, Reason, Refresher, Secrets};
