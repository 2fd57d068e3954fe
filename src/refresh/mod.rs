//! Tokens at the boundary: the keeper of a login, made of its configuration and of JavaScript's callbacks.

mod make;

pub(crate) use self::make::keeper;
