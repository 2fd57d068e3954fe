//! The server's error codes and what each means for an operation or a login.

#![allow(missing_docs, reason = "the names are the protocol's own")]

use base::Kind;

pub const SERVER_INTERNAL: i32 = 500;
pub const ARGS: i32 = 1001;
pub const NO_PERMISSION: i32 = 1002;
pub const RECORD_NOT_FOUND: i32 = 1004;
pub const USER_ID_NOT_FOUND: i32 = 1101;
pub const REGISTERED_ALREADY: i32 = 1102;
pub const GROUP_ID_NOT_FOUND: i32 = 1201;
pub const NOT_IN_GROUP_YET: i32 = 1203;
pub const DISMISSED_ALREADY: i32 = 1204;
pub const CAN_NOT_ADD_YOURSELF: i32 = 1301;
pub const BLOCKED_BY_PEER: i32 = 1302;
pub const NOT_PEERS_FRIEND: i32 = 1303;
pub const MUTED_IN_GROUP: i32 = 1402;
pub const MUTED_GROUP: i32 = 1403;
pub const MSG_ALREADY_REVOKE: i32 = 1404;
pub const TOKEN_EXPIRED: i32 = 1501;
pub const TOKEN_INVALID: i32 = 1502;
pub const TOKEN_MALFORMED: i32 = 1503;
pub const TOKEN_NOT_VALID_YET: i32 = 1504;
pub const TOKEN_UNKNOWN: i32 = 1505;
pub const TOKEN_KICKED: i32 = 1506;
pub const TOKEN_NOT_EXIST: i32 = 1507;
pub const CONN_OVER_MAX_NUM: i32 = 1601;
pub const CONN_ARGS: i32 = 1602;

/// Whether the server has said that this token will not do: no connect with it can succeed again.
pub const fn rejects_token(code: i32) -> bool {
    matches!(code, TOKEN_EXPIRED..=TOKEN_NOT_EXIST)
}

/// What a code means to whoever made the request.
pub const fn kind(code: i32) -> Kind {
    match code {
        TOKEN_EXPIRED => Kind::TokenExpired,
        TOKEN_KICKED => Kind::Kicked,
        TOKEN_INVALID | TOKEN_MALFORMED | TOKEN_NOT_VALID_YET | TOKEN_UNKNOWN | TOKEN_NOT_EXIST => Kind::TokenInvalid,
        ARGS | CONN_ARGS | RECORD_NOT_FOUND | USER_ID_NOT_FOUND => Kind::Config,
        NO_PERMISSION | 1200..=1499 => Kind::Denied,
        429 | CONN_OVER_MAX_NUM => Kind::RateLimited,
        _ => Kind::Server,
    }
}

/// The server's name for a code, as the first frame and the envelopes carry it.
pub const fn name(code: i32) -> &'static str {
    match code {
        0 => "",
        ARGS => "ArgsError",
        NO_PERMISSION => "NoPermissionError",
        RECORD_NOT_FOUND => "RecordNotFoundError",
        USER_ID_NOT_FOUND => "UserIDNotFoundError",
        REGISTERED_ALREADY => "RegisteredAlreadyError",
        GROUP_ID_NOT_FOUND => "GroupIDNotFoundError",
        NOT_IN_GROUP_YET => "NotInGroupYetError",
        DISMISSED_ALREADY => "DismissedAlreadyError",
        CAN_NOT_ADD_YOURSELF => "CanNotAddYourselfError",
        BLOCKED_BY_PEER => "BlockedByPeer",
        NOT_PEERS_FRIEND => "NotPeersFriend",
        MUTED_IN_GROUP => "MutedInGroup",
        MUTED_GROUP => "MutedGroup",
        MSG_ALREADY_REVOKE => "MsgAlreadyRevoke",
        TOKEN_EXPIRED => "TokenExpiredError",
        TOKEN_INVALID => "TokenInvalidError",
        TOKEN_MALFORMED => "TokenMalformedError",
        TOKEN_NOT_VALID_YET => "TokenNotValidYetError",
        TOKEN_UNKNOWN => "TokenUnknownError",
        TOKEN_KICKED => "TokenKickedError",
        TOKEN_NOT_EXIST => "TokenNotExistError",
        CONN_OVER_MAX_NUM => "ConnOverMaxNumLimit",
        CONN_ARGS => "args err, need token, sendID, platformID",
        _ => "ServerInternalError",
    }
}
