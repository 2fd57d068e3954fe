//! Tokens of an account: the manager knows the current token and has a new one fetched when that is needed, one request
//! at a time and never too often.
//!
//! **The order of a refresh.** A new token is *persisted* first (our own record, then what the next request needs, then
//! the host's configuration), *swapped* in second, and the connection is made anew third. So a crash at any point loses
//! no token. Connections and calls always read the token from the manager, never from the configuration.
//!
//! | File                  | What it does                                                                        |
//! | --------------------- | ----------------------------------------------------------------------------------- |
//! | `config.rs`           | reads the option `tokenRefresh`                                                     |
//! | `manager/mod.rs`      | [`TokenManager`]: the current token, what is known about it, who may use it         |
//! | `manager/refresh.rs`  | one refresh, shared by all who ask: fetch, check, persist, swap                     |
//! | `manager/restore.rs`  | which token counts at a start: the configured one, the stored one, an offered one   |
//! | `manager/schedule.rs` | refreshes ahead of time, and notices clocks that jump                               |
//! | `times.rs`            | when a token is due, from what it says about itself                                 |
//! | `rate_limit.rs`       | limits on requests and on sessions after kicks, kept over restarts                  |
//! | `traits.rs`           | who fetches, announces and inspects tokens; replaced in tests                       |
//! | `request.rs`          | fetches from an HTTP endpoint; uses `template.rs`, `paths.rs` and `redact.rs`       |
//! | `store.rs`            | [`TokenRecord`]s of all accounts, in one file or in memory                          |
//! | `state_file.rs`       | the operator's file with what requests need, shared with other programs             |
//! | `status_file.rs`      | the manual-login marker: a file that asks a person for a token                      |
//! | `encode.rs`       | names and values as parts of paths and addresses                                    |
//! | `json_object.rs`      | a JSON object whose other members stay as they are written                          |
//! | `files.rs`            | private files, replaced as a whole, under a lock                                    |
//! | `fuzz.rs`             | entries for the fuzz targets                                                        |

pub mod config;
#[doc(hidden)]
pub mod fuzz;
pub mod manager;
pub mod rate_limit;
pub mod request;
pub mod status_file;
pub mod store;
pub mod times;
pub mod traits;

mod encode;
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
