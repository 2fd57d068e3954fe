//! Tokens at the boundary: the token manager of a login, made of its configuration and of JavaScript's callbacks, and the
//! same alone as the class `RefreshManager`.

mod ask;
mod hook;
mod make;
mod manager;
pub(crate) mod params;
mod result;

pub(crate) use self::ask::Asker;
pub(crate) use self::make::{Callbacks, token_manager};
pub(crate) use self::manager::{offered, words};
pub(crate) use self::result::{OfferResult, refresh};
