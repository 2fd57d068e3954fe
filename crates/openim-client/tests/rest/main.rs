//! The REST client against servers of every temper.

mod answers;
mod calls;
mod repeating;
mod support;
