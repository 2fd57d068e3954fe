//! Tokens at the boundary: the keeper of a login, made of its configuration and of JavaScript's callbacks, and the keeper
//! alone as the class `RefreshManager`.

mod ask;
mod hook;
mod make;
mod manager;
mod result;

pub(crate) use self::ask::Asker;
pub(crate) use self::make::{Callbacks, keeper};
pub(crate) use self::manager::{offered, words};
pub(crate) use self::result::{OfferResult, refresh};
