//! The server's REST API: [`Api`] makes a call, the other files say which calls there are, one per part of the API.

mod answer;
mod api;
mod token;

pub use api::{Api, Patience, Settings};
pub use token::{FixedToken, TokenSource};
