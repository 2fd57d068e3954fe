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
