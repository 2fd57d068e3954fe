//! Code that all crates share and that does no I/O: errors with a remedy, values that logs never show, waits between
//! attempts, media types, token claims, and the traits for clock and randomness.

pub mod backoff;
pub mod clock;
pub mod error;
pub mod gzip;
pub mod ids;
pub mod jwt;
pub mod limits;
pub mod media_type;
pub mod panic;
pub mod redact;
pub mod typescript;

pub use clock::{Clock, RandomSource};
pub use error::{Error, Kind, Result};
pub use ids::AccountId;
pub use panic::panic_text;
pub use redact::Redacted;
pub use typescript::TypeScript;
pub use typescript_derive::TypeScript;

// The derive macro names this crate, also inside it.
extern crate self as base;

/// What a trait's asynchronous method returns.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
