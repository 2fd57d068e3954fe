//! The server's REST API: [`Api`] makes a call, the other files say which calls there are, one per part of the API.

pub mod blacks;
pub mod conversations;
pub mod friends;
pub mod groups;
pub mod members;
pub mod messages;
pub mod page;
pub mod records;
pub mod requests;
pub mod users;

mod answer;
mod api;
mod token;

pub use api::{Api, Patience, Settings};
pub use token::{FixedToken, TokenSource};

/// What the answer of a server to a call means, without asking any: the fuzzer's way in.
pub fn understand(path: &str, status: u16, body: &[u8]) -> base::Result<serde_json::Value> {
    let status = reqwest::StatusCode::from_u16(status)
        .map_err(|_| base::Error::new(base::Kind::Protocol, "the answer's status is none of HTTP's"))?;
    answer::of_bytes(path, "http://api", status, None, body).map_err(|failure| failure.error)
}
