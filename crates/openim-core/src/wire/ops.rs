//! Request identifiers of the envelope.

#![allow(missing_docs, reason = "the names are the protocol's own")]

pub const GET_NEWEST_SEQ: i32 = 1001;
pub const PULL_MSG_BY_RANGE: i32 = 1002;
pub const SEND_MSG: i32 = 1003;
pub const SEND_SIGNAL_MSG: i32 = 1004;
pub const PULL_MSG_BY_SEQ_LIST: i32 = 1005;
pub const GET_CONV_MAX_READ_SEQ: i32 = 1006;
pub const PULL_CONV_LAST_MESSAGE: i32 = 1007;
pub const PUSH_MSG: i32 = 2001;
pub const KICK_ONLINE_MSG: i32 = 2002;
pub const LOGOUT_MSG: i32 = 2003;
pub const SET_BACKGROUND_STATUS: i32 = 2004;
pub const SUB_USER_ONLINE_STATUS: i32 = 2005;
