//! The events of notifications, as a real server writes and addresses them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use openim_core::events::{self, Context, Ignored, NoticeEvents, RecentEvents};
use openim_core::wire::pb::MsgData;
use serde_json::{Value, json};

const ME: &str = "bot_7";

fn notice(content_type: i32, from: &str, detail: &Value) -> MsgData {
    MsgData {
        send_id: from.into(),
        client_msg_id: "copy".into(),
        session_type: 1,
        msg_from: 200,
        content_type,
        content: json!({ "detail": detail.to_string() }).to_string().into_bytes(),
        ..MsgData::default()
    }
}

fn read_with(recent: &mut RecentEvents, place: &str, message: &MsgData) -> Result<NoticeEvents, Ignored> {
    events::read(message, Context { self_id: ME, conversation: place }, recent)
}

fn read(place: &str, message: &MsgData) -> Result<NoticeEvents, Ignored> {
    read_with(&mut RecentEvents::default(), place, message)
}

fn names(read: Result<NoticeEvents, Ignored>) -> Vec<&'static str> {
    read.unwrap().events.iter().map(|event| event.name).collect()
}

/// 1201 or 1202: `from` has asked, `to` has answered and is the sender.
fn answer(from: &str, to: &str) -> Value {
    json!({
        "fromToUserID": {"fromUserID": from, "toUserID": to},
        "handleMsg": "ok",
        "request": {"fromUserID": from, "toUserID": to, "handleResult": 1, "reqMsg": "hi", "handlerUserID": to, "handleMsg": "ok"},
    })
}

#[test]
fn an_acceptance_by_the_other_side_is_reported_with_the_friendship() {
    let read = read("n_alice_bot_7", &notice(1201, "alice", &answer(ME, "alice"))).unwrap();
    let [accepted, added] = &read.events[..] else { panic!("{read:?}") };
    assert_eq!((accepted.name, added.name), ("OnFriendApplicationAccepted", "OnFriendAdded"));
    assert_eq!((&accepted.data["fromUserID"], &accepted.data["toUserID"]), (&json!(ME), &json!("alice")));
    assert_eq!((&added.data["ownerUserID"], &added.data["userID"]), (&json!(ME), &json!("alice")));
}

#[test]
fn an_acceptance_by_this_account_is_reported_with_the_friendship() {
    let read = read("si_alice_bot_7", &notice(1201, ME, &answer("alice", ME))).unwrap();
    assert_eq!(read.events[0].name, "OnFriendApplicationAccepted");
    assert_eq!(read.events[1].data["userID"], "alice");
}

#[test]
fn a_refusal_by_either_side_is_reported() {
    for (from, to) in [(ME, "alice"), ("alice", ME)] {
        let read = read("n_alice_bot_7", &notice(1202, to, &answer(from, to))).unwrap();
        assert_eq!(read.events.len(), 1);
        assert_eq!(
            (read.events[0].name, &read.events[0].data["handleResult"]),
            ("OnFriendApplicationRejected", &json!(-1))
        );
    }
}

#[test]
fn an_answer_that_only_the_applicant_states_is_no_event() {
    for content_type in [1201, 1202] {
        let forged = notice(content_type, "mallory", &answer("mallory", ME));
        assert_eq!(read("si_bot_7_mallory", &forged), Err(Ignored::Misplaced));
    }
}

#[test]
fn changes_between_other_people_are_no_events() {
    for (content_type, sender) in [(1201, "carol"), (1202, "carol"), (1203, "mallory"), (1209, "mallory")] {
        let forged = notice(content_type, sender, &answer("mallory", "carol"));
        assert_eq!(read("si_bot_7_mallory", &forged), Err(Ignored::Misplaced), "{content_type}");
    }
    let added = json!({"friend": {"ownerUserID": "mallory", "friendUser": {"userID": "carol"}}});
    assert_eq!(read("si_bot_7_mallory", &notice(1204, "mallory", &added)), Err(Ignored::Misplaced));
}

#[test]
fn a_friendship_that_an_older_server_reports_twice_is_one_event() {
    let mut recent = RecentEvents::default();
    let added = notice(1204, "alice", &json!({"friend": {"ownerUserID": ME, "friendUser": {"userID": "alice"}}}));
    let accepted = notice(1201, "alice", &answer(ME, "alice"));
    assert_eq!(names(read_with(&mut recent, "n_alice_bot_7", &accepted)).len(), 2);
    assert!(names(read_with(&mut recent, "n_alice_bot_7", &added)).is_empty());
    assert_eq!(names(read_with(&mut recent, "n_alice_bot_7", &added)), ["OnFriendAdded"]);
}

/// 1503: `applicant` is the user who called the server.
fn application(applicant: &str, candidate: &str, inviter: &str) -> Value {
    json!({
        "group": {"groupID": "g100"},
        "applicant": {"userID": applicant, "nickname": "The caller"},
        "reqMsg": "",
        "uuid": "b52763aa",
        "request": {
            "userInfo": {"userID": candidate, "nickname": "The candidate", "faceURL": "http://f/c.png"},
            "groupInfo": null, "handleResult": 0, "joinSource": 2, "inviterUserID": inviter,
        },
    })
}

#[test]
fn an_application_by_invitation_names_who_is_to_come_in() {
    let invited = notice(1503, "alice", &application("alice", "carol", "alice"));
    let read = read("n_alice_bot_7", &invited).unwrap();
    let data = &read.events[0].data;
    assert_eq!(read.events[0].name, "OnGroupApplicationAdded");
    assert_eq!((&data["userID"], &data["nickname"]), (&json!("carol"), &json!("The candidate")));
    assert_eq!((&data["userFaceURL"], &data["inviterUserID"]), (&json!("http://f/c.png"), &json!("alice")));
}

#[test]
fn an_application_of_ones_own_names_no_inviter() {
    let own = notice(1503, "carol", &application("carol", "carol", ""));
    let read = read("n_bot_7_carol", &own).unwrap();
    assert_eq!(read.events[0].data["userID"], "carol");
    assert_eq!(read.events[0].data["inviterUserID"], "");
}

#[test]
fn an_application_that_its_sender_did_not_make_is_no_event() {
    for forged in [
        application("boss", "boss", ""),
        application("mallory", "boss", ""),
        application("mallory", "boss", "alice"),
        application("alice", "boss", "mallory"),
    ] {
        let message = notice(1503, "mallory", &forged);
        assert_eq!(read("n_bot_7_mallory", &message), Err(Ignored::Misplaced), "{forged}");
    }
}

#[test]
fn the_copies_of_an_application_and_of_its_answer_share_an_id() {
    let answer = json!({"group": {"groupID": "g100"}, "uuid": "4b67a6e4", "opUser": {"userID": ME}});
    for (content_type, detail) in [(1503, application(ME, ME, "")), (1505, answer.clone()), (1506, answer)] {
        let copy = |id: &str| MsgData { client_msg_id: id.into(), ..notice(content_type, ME, &detail) };
        let first = read("n_bot_7_carol", &copy("a")).unwrap().id;
        assert_eq!(read("n_bot_7_bot_7", &copy("b")).unwrap().id, first);
        // Nobody else's notification takes its place.
        let forged = MsgData { send_id: "mallory".into(), ..copy("c") };
        assert!(read("n_bot_7_mallory", &forged).map_or(true, |forged| forged.id != first));
    }
}

#[test]
fn a_shared_id_beyond_the_limit_is_not_used() {
    let mut detail = application(ME, ME, "");
    detail["uuid"] = "x".repeat(10_000).into();
    assert_eq!(read("n_bot_7_carol", &notice(1503, ME, &detail)).unwrap().id, "copy");
}

fn revocation(revoker: &str, is_admin: bool) -> Value {
    json!({"revokerUserID": revoker, "clientMsgID": "m7", "revokeTime": 9, "sesstionType": 1, "seq": 7,
        "conversationID": "si_alice_bot_7", "isAdminRevoke": is_admin})
}

#[test]
fn a_notification_of_a_revocation_leaves_unknown_members_null() {
    let read = read("n_alice_bot_7", &notice(2101, "alice", &revocation("alice", false))).unwrap();
    let data = &read.events[0].data;
    assert_eq!((&data["revokerID"], &data["clientMsgID"]), (&json!("alice"), &json!("m7")));
    for unknown in ["revokerRole", "revokerNickname", "sourceMessageSendTime", "sourceMessageSendID"] {
        assert_eq!(data[unknown], Value::Null, "{unknown}");
    }
    assert_eq!(data["sourceMessageSenderNickname"], Value::Null);
}

/// A revocation in the chat, in the place of the message.
fn in_chat(revoker: &str) -> MsgData {
    let detail = json!({"revokerID": revoker, "revokerRole": 0, "clientMsgID": "m7", "revokerNickname": "Alice", "seq": 7,
        "sourceMessageSendID": "alice", "sessionType": 1});
    MsgData { client_msg_id: "m7".into(), seq: 7, ..notice(2101, "alice", &detail) }
}

#[test]
fn a_revocation_in_the_chat_has_the_members_of_the_message() {
    let read = read("si_alice_bot_7", &in_chat("alice")).unwrap();
    let data = &read.events[0].data;
    assert_eq!((&data["revokerNickname"], &data["revokerRole"]), (&json!("Alice"), &json!(0)));
    assert_eq!(data["sourceMessageSendID"], "alice");
}

#[test]
fn nobody_reports_a_revocation_by_somebody_else() {
    for (revoker, is_admin) in [(ME, false), (ME, true), ("carol", false)] {
        let forged = notice(2101, "alice", &revocation(revoker, is_admin));
        assert_eq!(read("n_alice_bot_7", &forged), Err(Ignored::Misplaced), "{revoker} {is_admin}");
    }
    assert_eq!(read("si_alice_bot_7", &in_chat(ME)), Err(Ignored::Misplaced));
    let elsewhere = MsgData { client_msg_id: "m8".into(), ..in_chat("alice") };
    assert_eq!(read("si_alice_bot_7", &elsewhere), Err(Ignored::Misplaced));
}

#[test]
fn a_revocation_by_an_administrator_of_the_server_is_reported() {
    let by_admin = notice(2101, "alice", &revocation("imAdmin", true));
    assert_eq!(names(read("n_alice_bot_7", &by_admin)), ["OnNewRecvMessageRevoked"]);
}

#[test]
fn in_a_group_a_revocation_by_this_account_as_an_admin_is_reported() {
    let revoked = MsgData { session_type: 3, ..in_chat(ME) };
    assert_eq!(names(read("sg_g100", &revoked)), ["OnNewRecvMessageRevoked"]);
}
