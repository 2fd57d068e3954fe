//! Notifications recorded on a real server: the dev server sends the same members for the same events.

use std::collections::{BTreeMap, BTreeSet};

use openim_core::wire::envelope;
use openim_core::wire::ops;
use openim_core::wire::pb::{MsgData, PushMessages};
use serde_json::{Value, json};
use testkit::Recipient;
use tokio_tungstenite::tungstenite::Message;

use crate::recorded::{Town, detail, lines, message, recording, shape};
use crate::support::RawClient;

/// What distinguishes notifications: the type, and whether it is the copy in the chat.
type Kind = (i64, bool);

/// What a notification is made of, without its sequence, ids and texts.
#[derive(Debug, PartialEq)]
struct Form {
    detail: Value,
    options: BTreeMap<String, bool>,
    is_stored: bool,
    session_type: i64,
    status: i64,
}

/// The notifications in recorded pushes.
fn recorded_forms(recordings: &[&str]) -> Vec<(Kind, Form)> {
    let mut forms = Vec::new();
    for line in recordings.iter().flat_map(|recording| lines(recording)) {
        let data = if line["frame"].is_object() { &line["frame"]["data"] } else { &line["data"] };
        for (part, in_chat) in [("msgs", true), ("notificationMsgs", false)] {
            for msg in
                data[part].as_object().into_iter().flatten().flat_map(|(_, pulled)| pulled["Msgs"].as_array().unwrap())
            {
                let Some(detail) = detail(msg["content"].as_str().unwrap()) else { continue };
                let options = msg["options"].as_object().unwrap().iter().map(|(name, on)| (name.clone(), *on == true));
                let form = Form {
                    detail: shape(&detail),
                    options: options.collect(),
                    is_stored: msg["seq"] != 0,
                    session_type: msg["sessionType"].as_i64().unwrap(),
                    status: msg["status"].as_i64().unwrap(),
                };
                forms.push(((msg["contentType"].as_i64().unwrap(), in_chat), form));
            }
        }
    }
    forms
}

fn form_of(msg: &MsgData) -> Option<Form> {
    Some(Form {
        detail: shape(&detail(std::str::from_utf8(&msg.content).ok()?)?),
        options: msg.options.clone().into_iter().collect(),
        is_stored: msg.seq != 0,
        session_type: msg.session_type.into(),
        status: msg.status.into(),
    })
}

/// Asserts that the notifications which reached these users have the recorded forms.
async fn assert_forms(peers: &mut [RawClient], recorded: Vec<(Kind, Form)>) {
    let mut seen: BTreeMap<Kind, Vec<Form>> = BTreeMap::new();
    for peer in peers {
        peer.write(Message::text(r#"{"type":"ping","body":"end"}"#)).await;
        while let Some(Message::Binary(frame)) = peer.next().await {
            let response: envelope::Response = envelope::decode(&frame).unwrap();
            if response.req_identifier != ops::PUSH_MSG {
                continue;
            }
            let push: PushMessages = envelope::payload(response.data.as_deref()).unwrap();
            for (in_chat, part) in [(true, push.msgs), (false, push.notification_msgs)] {
                for msg in part.values().flat_map(|pulled| &pulled.msgs) {
                    let kind = (msg.content_type.into(), in_chat);
                    seen.entry(kind).or_default().extend(form_of(msg));
                }
            }
        }
    }
    let missing: BTreeSet<_> = recorded.iter().map(|(kind, _)| kind).filter(|kind| !seen.contains_key(kind)).collect();
    assert!(missing.is_empty(), "never pushed: {missing:?}");
    for (kind, form) in recorded {
        assert!(seen[&kind].contains(&form), "{kind:?}: recorded {form:#?}\nbut seen {:#?}", seen[&kind]);
    }
}

async fn group_events(town: &Town) {
    let group = json!({
        "ownerUserID": "alice", "memberUserIDs": ["bob"], "adminUserIDs": ["bot_7"],
        "groupInfo": { "groupID": "town", "groupName": "T", "groupType": 2, "notification": "hello", "needVerification": 1 },
    });
    town.call("alice", "/group/create_group", group).await;
    for change in [json!({ "groupName": "U" }), json!({ "notification": "n" }), json!({ "introduction": "i" })] {
        let mut change = change;
        change["groupID"] = "town".into();
        town.call("bot_7", "/group/set_group_info_ex", change).await;
    }
    let ask = |message: &str| json!({ "groupID": "town", "reqMessage": message, "joinSource": 3 });
    let answer = |user: &str, result: i32| json!({ "groupID": "town", "fromUserID": user, "handledMsg": "w", "handleResult": result });
    town.call("carol", "/group/join_group", ask("again")).await;
    town.call("bot_7", "/group/group_application_response", answer("carol", -1)).await;
    town.call("carol", "/group/join_group", ask("let me in")).await;
    town.call("bot_7", "/group/group_application_response", answer("carol", 1)).await;
    town.call("bob", "/group/invite_user_to_group", json!({ "groupID": "town", "invitedUserIDs": ["dave"] })).await;
    town.call("bot_7", "/group/group_application_response", answer("dave", 1)).await;
    town.call("bot_7", "/group/kick_group", json!({ "groupID": "town", "kickedUserIDs": ["dave"] })).await;
    town.call("carol", "/group/quit_group", json!({ "groupID": "town", "userID": "carol" })).await;
    town.call("bot_7", "/group/invite_user_to_group", json!({ "groupID": "town", "invitedUserIDs": ["dave"] })).await;
    let muted = |seconds: i32| json!({ "groupID": "town", "userID": "bob", "mutedSeconds": seconds });
    town.call("bot_7", "/group/mute_group_member", muted(30)).await;
    town.call("bot_7", "/group/cancel_mute_group_member", muted(0)).await;
    town.call("bot_7", "/group/mute_group", json!({ "groupID": "town" })).await;
    town.call("bot_7", "/group/cancel_mute_group", json!({ "groupID": "town" })).await;
    for change in [json!({ "nickname": "B" }), json!({ "roleLevel": 60 }), json!({ "roleLevel": 20 })] {
        let mut member = change;
        member["groupID"] = "town".into();
        member["userID"] = "bob".into();
        town.call("alice", "/group/set_group_member_info", json!({ "members": [member] })).await;
    }
    let transfer = json!({ "groupID": "town", "oldOwnerUserID": "alice", "newOwnerUserID": "bot_7" });
    town.call("alice", "/group/transfer_group", transfer).await;
    town.call("bot_7", "/group/dismiss_group", json!({ "groupID": "town" })).await;
}

#[tokio::test(start_paused = true)]
async fn notifications_of_groups_have_the_recorded_form() {
    let mut town = Town::new(&["alice", "bob", "bot_7", "carol", "dave"]).await;
    group_events(&town).await;
    let recorded = recorded_forms(&[recording!("group-frames"), recording!("invited-into-old-group")]);
    assert_forms(&mut town.peers, recorded).await;
}

#[tokio::test(start_paused = true)]
async fn notifications_of_friends_have_the_recorded_form() {
    let mut town = Town::new(&["alice", "bob", "bot_7", "carol", "dave"]).await;
    let ask = |from: &str, to: &str| json!({ "fromUserID": from, "toUserID": to, "reqMsg": "hi", "ex": "e" });
    let answer = |from: &str, to: &str, result: i32| json!({ "fromUserID": from, "toUserID": to, "handleResult": result, "handleMsg": "ok" });
    town.call("bob", "/friend/add_friend", ask("bob", "alice")).await;
    town.call("alice", "/friend/add_friend_response", answer("bob", "alice", 1)).await;
    let remark = json!({ "ownerUserID": "bob", "friendUserIDs": ["alice"], "remark": "r" });
    town.call("bob", "/friend/update_friends", remark).await;
    town.call("alice", "/user/update_user_info_ex", json!({ "userInfo": { "userID": "alice", "nickname": "A2" } }))
        .await;
    let pair = json!({ "ownerUserID": "bob", "friendUserID": "alice", "blackUserID": "dave" });
    town.call("bob", "/friend/delete_friend", pair.clone()).await;
    town.call("dave", "/friend/add_friend", ask("dave", "bob")).await;
    town.call("bob", "/friend/add_friend_response", answer("dave", "bob", -1)).await;
    town.call("bob", "/friend/add_black", pair.clone()).await;
    town.call("bob", "/friend/remove_black", pair).await;
    let import = json!({ "ownerUserID": "bob", "friendUserIDs": ["carol"] });
    town.call("imAdmin", "/friend/import_friend", import).await;
    assert_forms(&mut town.peers, recorded_forms(&[recording!("friends")])).await;
}

#[tokio::test(start_paused = true)]
async fn notifications_of_chats_have_the_recorded_form() {
    let mut town = Town::new(&["alice", "bob"]).await;
    for text in ["one", "two", "three"] {
        town.server.send_as("alice", Recipient::User("bob"), text).unwrap();
    }
    let chat = "si_alice_bob";
    town.call("alice", "/msg/revoke_msg", json!({ "userID": "alice", "conversationID": chat, "seq": 2 })).await;
    let read = json!({ "userID": "bob", "conversationID": chat, "hasReadSeq": 3, "seqs": [3] });
    town.call("bob", "/msg/mark_conversation_as_read", read).await;
    let own = json!({ "IsSyncSelf": true });
    let delete = json!({ "userID": "bob", "conversationID": chat, "seqs": [3], "deleteSyncOpt": own });
    town.call("bob", "/msg/delete_msgs", delete).await;
    let clear = json!({ "userID": "bob", "conversationIDs": [chat], "deleteSyncOpt": own });
    town.call("bob", "/msg/clear_conversation_msg", clear).await;
    let private = json!({ "userIDs": ["bob"], "conversation": {
        "conversationID": chat, "conversationType": 1, "userID": "alice", "isPrivateChat": true,
    } });
    town.call("bob", "/conversation/set_conversations", private).await;
    let recordings = [recording!("chat"), recording!("revoke"), recording!("read-receipt")];
    assert_forms(&mut town.peers, recorded_forms(&recordings)).await;
}

#[tokio::test(start_paused = true)]
async fn notifications_of_a_business_server_have_the_recorded_form() {
    let mut town = Town::new(&["alice", "bob"]).await;
    for (level, in_chat) in [(1, false), (2, false), (1, true)] {
        let notice = json!({
            "key": "k", "data": "d", "sendUserID": "alice", "recvUserID": "bob", "sendMsg": in_chat, "reliabilityLevel": level,
        });
        town.call("imAdmin", "/msg/send_business_notification", notice).await;
    }
    let to_group =
        json!({ "key": "k", "data": "d", "sendUserID": "alice", "recvGroupID": "g100", "reliabilityLevel": 1 });
    town.call("imAdmin", "/msg/send_business_notification", to_group).await;
    assert_forms(&mut town.peers, recorded_forms(&[recording!("push-business")])).await;
}

#[tokio::test(start_paused = true)]
async fn messages_of_every_kind_are_pushed_as_recorded() {
    let api = lines(recording!("push-api")).chain(lines(recording!("push-oa"))).map(|line| {
        let data = if line["frame"].is_object() { line["frame"]["data"].clone() } else { line["data"].clone() };
        data["msgs"].as_object().unwrap().values().next().unwrap()["Msgs"][0].clone()
    });
    let sent = lines(recording!("wire-kinds")).map(|line| line["ours"].clone());
    let mut town = Town::new(&["bob"]).await;
    for recorded in api.chain(sent) {
        let msg = MsgData { send_id: "alice".into(), recv_id: "bob".into(), ..message(&recorded) };
        let session_type = if msg.session_type == 3 { 1 } else { msg.session_type };
        let msg = MsgData { session_type, group_id: String::new(), ..msg };
        town.server.submit(msg.clone()).unwrap();
        let (_, pushed) = town.peers[0].pushed().await;
        let shown = |msg: &MsgData| {
            (msg.content_type, msg.content.clone(), msg.session_type, msg.msg_from, msg.options.clone())
        };
        assert_eq!(shown(&pushed), shown(&msg), "{recorded}");
        assert_eq!(pushed.client_msg_id, recorded["clientMsgID"].as_str().unwrap());
    }
}
