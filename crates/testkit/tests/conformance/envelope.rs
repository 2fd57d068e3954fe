//! Envelopes: requests that end the connection, requests that are answered, and the form of an answer.

use openim_core::wire::envelope::{self, Request};
use openim_core::wire::ops;
use openim_core::wire::pb::{
    DelUserPushTokenReq, GetConversationsHasReadAndMaxSeqReq, GetMaxSeqReq, GetSeqMessageReq, PullMessageBySeqsReq,
    SetAppBackgroundStatusReq, SubUserOnlineStatus, SubUserOnlineStatusTips,
};
use tokio_tungstenite::tungstenite::Message;

use crate::support::*;

async fn assert_dropped(what: &str, change: impl FnOnce(&mut Request)) {
    let mut peer = RawClient::login(&server(), "bot_7", WINDOWS).await;
    let mut request = peer.request(ops::GET_NEWEST_SEQ, &GetMaxSeqReq { user_id: "bot_7".into() });
    change(&mut request);
    peer.write_envelope(&request).await;
    assert!(peer.next().await.is_none(), "{what}");
}

#[tokio::test(start_paused = true)]
async fn case_18_a_request_without_sender_or_number_ends_the_connection() {
    assert_dropped("no sendID", |request| request.send_id.clear()).await;
    assert_dropped("reqIdentifier 0", |request| request.req_identifier = 0).await;
    assert_dropped("data that is not base64", |request| request.data = Some("*".into())).await;
    for bytes in [&b"not json"[..], b"{}", b"[]", b"", br#"{"reqIdentifier":"1001"}"#] {
        let mut peer = RawClient::login(&server(), "bot_7", WINDOWS).await;
        peer.write(Message::Binary(bytes.to_vec().into())).await;
        assert!(peer.next().await.is_none(), "{bytes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn case_18_a_missing_id_is_an_error_for_pulls_only() {
    let mut peer = RawClient::login(&server(), "bot_7", WINDOWS).await;
    let me = || "bot_7".to_owned();
    let pull = peer.request(ops::PULL_MSG_BY_RANGE, &PullMessageBySeqsReq { user_id: me(), ..Default::default() });
    let list = peer.request(ops::PULL_MSG_BY_SEQ_LIST, &GetSeqMessageReq { user_id: me(), ..Default::default() });
    let read = GetConversationsHasReadAndMaxSeqReq { user_id: me(), ..Default::default() };
    let read = peer.request(ops::GET_CONV_MAX_READ_SEQ, &read);
    let background = SetAppBackgroundStatusReq { user_id: me(), is_background: true };
    let background = peer.request(ops::SET_BACKGROUND_STATUS, &background);
    let newest = peer.request(ops::GET_NEWEST_SEQ, &GetMaxSeqReq { user_id: me() });
    for (request, code) in [(pull, 500), (list, 500), (read, 500), (background, 500), (newest, 0)] {
        for strip in
            [|request: &mut Request| request.msg_incr.clear(), |request: &mut Request| request.operation_id.clear()]
        {
            let mut request = request.clone();
            strip(&mut request);
            peer.write_envelope(&request).await;
            let response = peer.response().await;
            assert_eq!(
                (response.err_code, &response.msg_incr),
                (code, &request.msg_incr),
                "{}",
                request.req_identifier
            );
            assert_eq!(response.operation_id, request.operation_id);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn case_19_a_foreign_or_unknown_request_ends_the_connection() {
    assert_dropped("sendID of alice", |request| request.send_id = "alice".into()).await;
    assert_dropped("reqIdentifier 9999", |request| request.req_identifier = 9999).await;
    assert_dropped("reqIdentifier 2001", |request| request.req_identifier = 2001).await;
}

#[tokio::test(start_paused = true)]
async fn case_20_an_undecodable_payload_keeps_the_connection() {
    let mut peer = RawClient::login(&server(), "bot_7", WINDOWS).await;
    let mut request = peer.request(ops::SEND_MSG, &single("bot_7", "alice", "hi"));
    request.data = Some("/////w==".into());
    peer.write_envelope(&request).await;
    let response = peer.response().await;
    assert_eq!((response.err_code, response.data), (500, None));
    peer.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn case_21_an_answer_echoes_its_request_with_all_six_members() {
    let mut peer = RawClient::login(&server(), "bot_7", WINDOWS).await;
    for (recv, code) in [("alice", 0), ("nobody", 1004)] {
        let request = peer.request(ops::SEND_MSG, &single("bot_7", recv, "hi"));
        peer.write_envelope(&request).await;
        let Some(Message::Binary(bytes)) = peer.next().await else { panic!("no answer") };
        let answer: serde_json::Value = envelope::decode(&bytes).unwrap();
        let members: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["data", "errCode", "errMsg", "msgIncr", "operationID", "reqIdentifier"]);
        assert_eq!(answer["reqIdentifier"], 1003);
        assert_eq!(answer["msgIncr"], request.msg_incr);
        assert_eq!(answer["operationID"], request.operation_id);
        assert_eq!((&answer["errCode"], answer["data"].is_null()), (&code.into(), code != 0));
        if code == 0 {
            peer.pushed().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_logout_ends_the_connection_but_not_the_token() {
    let server = server();
    let token = server.issue_token("bot_7", WEB);
    let query = query("bot_7", &token, WEB);
    let mut peer = RawClient::login_with(&server, "bot_7", &query).await;
    let response = peer.ask(ops::LOGOUT_MSG, &DelUserPushTokenReq { user_id: "bot_7".into(), platform_id: WEB }).await;
    assert_eq!((response.err_code, response.data.as_deref()), (0, Some("")));
    assert_eq!(peer.gone().await, ConnectionEnd::Dropped);
    RawClient::login_with(&server, "bot_7", &query).await.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn a_background_status_is_answered_with_null_data() {
    let mut peer = RawClient::login(&server(), "bot_7", WEB).await;
    let asked = SetAppBackgroundStatusReq { user_id: "bot_7".into(), is_background: true };
    let response = peer.ask(ops::SET_BACKGROUND_STATUS, &asked).await;
    assert_eq!((response.err_code, response.data), (0, None));
}

#[tokio::test(start_paused = true)]
async fn a_watched_user_is_reported_when_coming_and_going() {
    let server = server();
    let mut watcher = RawClient::login(&server, "bot_7", WINDOWS).await;
    let asked = SubUserOnlineStatus { subscribe_user_id: vec!["alice".into()], unsubscribe_user_id: vec![] };
    let tips: SubUserOnlineStatusTips = watcher.ask_for(ops::SUB_USER_ONLINE_STATUS, &asked).await;
    assert_eq!((tips.subscribers[0].user_id.as_str(), tips.subscribers[0].online_platform_ids.len()), ("alice", 0));
    let alice = RawClient::login(&server, "alice", WEB).await;
    for platforms in [vec![WEB], vec![]] {
        let unasked = watcher.response().await;
        assert_eq!((unasked.req_identifier, unasked.msg_incr.as_str()), (ops::SUB_USER_ONLINE_STATUS, ""));
        let tips: SubUserOnlineStatusTips = envelope::payload(unasked.data.as_deref()).unwrap();
        assert_eq!(tips.subscribers[0].online_platform_ids, platforms);
        if !platforms.is_empty() {
            server.cut("alice");
        }
    }
    drop(alice);
}
