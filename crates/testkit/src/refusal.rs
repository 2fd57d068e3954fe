//! A refused operation: its error code in the protocol, the name of the code, and an explanation for REST answers.

use std::borrow::Cow;

use openim_core::wire::errcode;
use openim_core::wire::text_frame::HandshakeResult;

pub(crate) const GROUP_ID_EXISTED: i32 = 1202;
pub(crate) const GROUP_TYPE_NOT_SUPPORT: i32 = 1205;
pub(crate) const GROUP_REQUEST_HANDLED: i32 = 1206;
pub(crate) const RELATIONSHIP_ALREADY: i32 = 1304;
pub(crate) const FRIEND_REQUEST_HANDLED: i32 = 1305;

/// A refused operation, as clients see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `errCode`.
    pub code: i32,
    /// `errMsg`: the short name.
    pub name: Cow<'static, str>,
    /// `errDlt`: an explanation. Envelopes do not carry it.
    pub detail: String,
}

impl Refusal {
    pub(crate) fn new(code: i32, detail: impl Into<String>) -> Self {
        Self { code, name: errcode::name(code).into(), detail: detail.into() }
    }

    /// With a name of its own: for some codes the real server sends another text than the usual name.
    pub(crate) fn named(code: i32, name: &'static str) -> Self {
        Self { code, name: name.into(), detail: String::new() }
    }

    pub(crate) fn args(detail: impl Into<String>) -> Self {
        Self::new(errcode::ARGS, detail)
    }

    pub(crate) fn no_permission(detail: impl Into<String>) -> Self {
        Self::new(errcode::NO_PERMISSION, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(errcode::RECORD_NOT_FOUND, detail)
    }

    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        Self::new(errcode::SERVER_INTERNAL, detail)
    }

    /// In the form of the first frame, or of the body of a refused upgrade.
    pub(crate) fn handshake_result(&self) -> HandshakeResult {
        HandshakeResult { err_code: self.code, err_msg: self.name.clone().into_owned(), err_dlt: self.detail.clone() }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "errCode {} {}", self.code, self.name)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, ": {}", self.detail) }
    }
}

impl std::error::Error for Refusal {}
