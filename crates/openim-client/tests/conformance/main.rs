//! The client against a gateway that tests play by hand: the numbered cases of `docs/conformance.md` and their neighbours.

mod handshake;
mod lifecycle;
mod requests;
mod support;
