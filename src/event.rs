//! The account's events under the names OpenIM's own clients use.

use channel::Event;
use channel::event::Fault;
use serde_json::json;

/// An event as JavaScript sees it; `data` is JSON, empty for `null`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) name: &'static str,
    pub(crate) err_code: i32,
    pub(crate) err_msg: String,
    pub(crate) data: String,
}

pub(crate) fn describe(event: &Event) -> Described {
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
