//! The account's events under the names that OpenIM's own clients use.

use base::TypeScript;
use channel::Event;
use channel::event::Fault;
use serde_json::json;

use crate::packed::{Json, Packer, Value, packed};

/// Every event that a client tells, those of the account first.
const NAMES: [&str; 38] = [
    "OnConnecting",
    "OnConnectSuccess",
    "OnConnectFailed",
    "OnDisconnected",
    "OnKickedOffline",
    "OnUserTokenExpired",
    "OnUserTokenInvalid",
    "OnUserTokenRefreshed",
    "OnSyncServerStart",
    "OnSyncServerFinish",
    "OnDeadLetter",
    "OnStopped",
    "OnNewRecvMessageRevoked",
    "OnRecvC2CReadReceipt",
    "OnConversationUserInputStatusChanged",
    "OnConversationChanged",
    "OnRecvCustomBusinessMessage",
    "OnRecvUnknownMessage",
    "OnUserStatusChanged",
    "OnSelfInfoUpdated",
    "OnFriendApplicationAdded",
    "OnFriendApplicationAccepted",
    "OnFriendApplicationRejected",
    "OnFriendAdded",
    "OnFriendDeleted",
    "OnFriendInfoChanged",
    "OnBlackAdded",
    "OnBlackDeleted",
    "OnJoinedGroupAdded",
    "OnJoinedGroupDeleted",
    "OnGroupDismissed",
    "OnGroupInfoChanged",
    "OnGroupMemberAdded",
    "OnGroupMemberDeleted",
    "OnGroupMemberInfoChanged",
    "OnGroupApplicationAdded",
    "OnGroupApplicationAccepted",
    "OnGroupApplicationRejected",
];

packed! {
    /// An event other than a message.
    ClientEvent {
        event: EventName<'a> = "event",
        /// The server's own code; 0 where the server did not speak.
        err_code: i32 = "errCode",
        err_msg: &'a str = "errMsg",
        /// The event's data in the shape of OpenIM's JS client. It repeats what somebody claimed: ask the server before
        /// acting on it.
        data: Json<'a> = "data",
    }
}

/// The name of an event: one of [`NAMES`].
#[derive(Clone, Copy, Default)]
pub(crate) struct EventName<'a>(&'a str);

impl Value for EventName<'_> {
    const READ: &'static str = <&str as Value>::READ;

    fn pack(&self, packer: &mut Packer) {
        packer.string(self.0);
    }
}

impl TypeScript for EventName<'_> {
    fn expression() -> String {
        NAMES.map(|name| format!("'{name}'")).join(" | ")
    }
}

pub(crate) fn pack(event: &Event, packer: &mut Packer) {
    let Described { name, err_code, err_msg, data } = &describe(event);
    ClientEvent { event: EventName(name), err_code: *err_code, err_msg, data: Json(data) }.pack(packer);
}

/// An event in JavaScript's terms; `data` is JSON, empty for `null`.
#[derive(Debug, PartialEq, Eq)]
struct Described {
    name: &'static str,
    err_code: i32,
    err_msg: String,
    data: String,
}

fn describe(event: &Event) -> Described {
    match event {
        Event::Connecting { attempt } => with_data("OnConnecting", &json!({ "attempt": attempt })),
        Event::Connected => plain("OnConnectSuccess"),
        Event::SyncStarted => plain("OnSyncServerStart"),
        Event::Synced => plain("OnSyncServerFinish"),
        Event::ConnectFailed(fault) => failed("OnConnectFailed", fault),
        Event::Disconnected(fault) => failed("OnDisconnected", fault),
        Event::TokenExpired(fault) => failed("OnUserTokenExpired", fault),
        Event::TokenInvalid(fault) => failed("OnUserTokenInvalid", fault),
        Event::TokenRefreshed { expires_at } => with_data("OnUserTokenRefreshed", &json!({ "expiresAt": expires_at })),
        Event::Kicked(fault) => failed("OnKickedOffline", fault),
        Event::DeadLetter { conversation, id } => {
            with_data("OnDeadLetter", &json!({ "conversationID": conversation, "clientMsgID": id }))
        }
        Event::WireEvent(told) => Described { data: told.data.clone(), ..plain(told.name) },
        Event::Stopped => plain("OnStopped"),
    }
}

fn plain(name: &'static str) -> Described {
    Described { name, err_code: 0, err_msg: String::new(), data: String::new() }
}

fn with_data(name: &'static str, data: &serde_json::Value) -> Described {
    Described { data: data.to_string(), ..plain(name) }
}

fn failed(name: &'static str, fault: &Fault) -> Described {
    Described {
        err_code: fault.err_code,
        err_msg: fault.message.clone(),
        ..with_data(name, &json!({ "code": fault.kind.code() }))
    }
}

#[cfg(test)]
mod tests {
    use base::Kind;

    use super::*;

    #[test]
    fn a_failure_carries_the_servers_code_the_sentence_and_our_code() {
        let fault = Fault { kind: Kind::Kicked, err_code: 1506, message: "another login took over".into() };
        let described = describe(&Event::Kicked(fault));
        assert_eq!((described.name, described.err_code), ("OnKickedOffline", 1506));
        assert_eq!(described.err_msg, "another login took over");
        assert_eq!(described.data, r#"{"code":"OPENIM_KICKED"}"#);
    }
}
