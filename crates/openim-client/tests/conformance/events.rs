//! Conformance of the client: what is told besides messages, and that nothing somebody writes costs anybody else's words.

use std::sync::Arc;
use std::time::Duration;

use channel::{Event, Ledger};
use openim_core::wire::pb::{MsgData, SubUserOnlineStatusElem, SubUserOnlineStatusTips};
use openim_core::wire::{envelope, ops};
use serde_json::{Value, json};

use crate::support::{Peer, Rig, text_from_alice};

const CHAT: &str = "si_alice_bot_7";
const NOTICES: &str = "n_alice_bot_7";
const GROUP: &str = "sg_g100";
const GROUP_NOTICES: &str = "n_g100";

fn notice(content_type: i32, id: &str, seq: i64, detail: &Value) -> MsgData {
    MsgData {
        content_type,
        content: json!({ "detail": detail.to_string() }).to_string().into_bytes(),
        ..text_from_alice(id, seq, "")
    }
}

/// The next event of the wire's own, with its data.
async fn told(rig: &Rig) -> (&'static str, Value) {
    match rig.event(|event| matches!(event, Event::WireEvent(_))).await {
        Event::WireEvent(told) => (told.name, serde_json::from_str(&told.data).unwrap()),
        _ => unreachable!("only these are waited for"),
    }
}

/// Everything handed over until the message with this text came: texts, and names of events.
async fn until_text(rig: &Rig, text: &str) -> (Vec<String>, Vec<&'static str>) {
    let (mut texts, mut names) = (Vec::new(), Vec::new());
    while !texts.iter().any(|seen| seen == text) {
        let batch = rig.batch().await;
        texts.extend(batch.messages.iter().map(|delivery| delivery.message.text.clone()));
        names.extend(batch.events.iter().filter_map(|event| match event {
            Event::WireEvent(told) => Some(told.name),
            _ => None,
        }));
        rig.account.ack(&batch.messages.iter().map(|delivery| delivery.number).collect::<Vec<_>>());
    }
    (texts, names)
}

async fn online_at(rig: &mut Rig, maxima: &[(&str, i64)]) -> Peer {
    let mut peer = rig.accepted().await;
    peer.maxima.extend(maxima.iter().map(|(id, max)| ((*id).to_owned(), *max)));
    peer.sync().await;
    rig.event(|event| *event == Event::Synced).await;
    peer
}

fn revoked_notice(seq: i64) -> MsgData {
    let detail = json!({"revokerUserID":"alice","clientMsgID":"m7","revokeTime":9,"sesstionType":1,"seq":7,
        "conversationID":CHAT,"isAdminRevoke":false});
    notice(2101, &format!("r{seq}"), seq, &detail)
}

fn stored(seq: i64) -> MsgData {
    text_from_alice(&format!("m{seq}"), seq, "stored")
}

#[tokio::test(start_paused = true)]
async fn case_59_a_revoked_message_is_told_live_and_when_it_was_missed() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, &[(NOTICES, 1)]).await;
    peer.push(NOTICES, vec![revoked_notice(2)]).await;
    let (name, data) = told(&rig).await;
    assert_eq!(name, "OnNewRecvMessageRevoked");
    assert_eq!((&data["clientMsgID"], &data["revokerID"], &data["seq"]), (&json!("m7"), &json!("alice"), &json!(7)));
    assert_eq!(data["conversationID"], CHAT);
    drop(peer);
    let mut peer = online_at(&mut rig, &[(NOTICES, 4)]).await;
    assert_eq!(peer.serve_pull(NOTICES, revoked_notice).await, [3, 4]);
    assert_eq!(told(&rig).await.0, "OnNewRecvMessageRevoked");
}

#[tokio::test(start_paused = true)]
async fn case_59_in_place_of_the_message_a_revocation_is_told_too() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, &[(CHAT, 0)]).await;
    let detail = json!({"revokerID":"alice","revokerRole":20,"clientMsgID":"m1","revokerNickname":"Alice","revokeTime":9,
        "sourceMessageSendTime":8,"sourceMessageSendID":"alice","sourceMessageSenderNickname":"Alice","sessionType":1,
        "seq":1,"ex":""});
    peer.push(CHAT, vec![notice(2101, "m1", 1, &detail), text_from_alice("m2", 2, "after it")]).await;
    let (texts, names) = until_text(&rig, "after it").await;
    assert_eq!((texts.len(), names), (1, vec!["OnNewRecvMessageRevoked"]));
}

#[tokio::test(start_paused = true)]
async fn a_notification_is_delivered_once_and_pulled_until_handed_over() {
    let ledger = Arc::new(Ledger::in_memory());
    let mut rig = Rig::on(&ledger).await;
    let mut peer = online_at(&mut rig, &[(NOTICES, 1)]).await;
    peer.push(NOTICES, vec![revoked_notice(2), revoked_notice(2)]).await;
    let _ = told(&rig).await;
    peer.push(NOTICES, vec![revoked_notice(2)]).await;
    peer.push(CHAT, vec![text_from_alice("m1", 1, "done")]).await;
    assert_eq!(until_text(&rig, "done").await.1, Vec::<&str>::new());
    // Received and not taken by anybody.
    peer.push(NOTICES, vec![revoked_notice(3)]).await;
    peer.push(CHAT, vec![text_from_alice("m2", 2, "later")]).await;
    while rig.account.status().received < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    rig.account.stop().await;
    let mut rig = Rig::on(&ledger).await;
    let mut peer = online_at(&mut rig, &[(NOTICES, 3), (CHAT, 2)]).await;
    let served =
        tokio::spawn(
            async move { peer.pulls(|id, seq| if id == CHAT { stored(seq) } else { revoked_notice(seq) }).await },
        );
    assert_eq!(told(&rig).await.0, "OnNewRecvMessageRevoked");
    served.abort();
}

#[tokio::test(start_paused = true)]
async fn case_60_a_read_receipt_names_the_own_messages_with_and_without_places() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, &[(CHAT, 0), (NOTICES, 0)]).await;
    let mine = |seq: i64| MsgData { send_id: "bot_7".into(), ..text_from_alice(&format!("mine{seq}"), seq, "x") };
    peer.push(CHAT, (1..=3).map(mine).collect()).await;
    let receipt = |user: &str, seq: i64, seqs: Value| {
        let detail = json!({"markAsReadUserID":user,"conversationID":CHAT,"seqs":seqs,"hasReadSeq":2});
        MsgData { send_id: user.into(), ..notice(2200, &format!("{user}{seq}"), seq, &detail) }
    };
    peer.push(NOTICES, vec![receipt("alice", 1, json!([1, 3, 99]))]).await;
    let (name, data) = told(&rig).await;
    assert_eq!((name, &data[0]["userID"]), ("OnRecvC2CReadReceipt", &json!("alice")));
    assert_eq!(data[0]["msgIDList"], json!(["mine1", "mine3"]));
    peer.push(NOTICES, vec![receipt("alice", 2, json!(null))]).await;
    assert_eq!(told(&rig).await.1[0]["msgIDList"], json!(["mine1", "mine2"]));
    // One's own, from another device: how far oneself has read.
    peer.push("n_bot_7_bot_7", vec![receipt("bot_7", 0, json!(null))]).await;
    let (name, data) = told(&rig).await;
    assert_eq!((name, data), ("OnConversationChanged", json!([{"conversationID":CHAT,"hasReadSeq":2}])));
}

#[tokio::test(start_paused = true)]
async fn case_61_group_life_is_told_once_although_it_comes_twice() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, &[(GROUP, 0)]).await;
    let group = json!({"groupID":"g100","groupName":"G"});
    let life = [
        (
            1509,
            json!({"group":group,"invitedUserList":[{"userID":"bob"},{"userID":"bot_7"}]}),
            vec!["OnGroupMemberAdded", "OnJoinedGroupAdded"],
        ),
        (1508, json!({"group":group,"kickedUserList":[{"userID":"bob"}]}), vec!["OnGroupMemberDeleted"]),
        (1508, json!({"group":group,"kickedUserList":[{"userID":"bot_7"}]}), vec!["OnJoinedGroupDeleted"]),
        (1511, json!({"group":group}), vec!["OnGroupDismissed"]),
        (1519, json!({"group":group}), vec!["OnGroupInfoChanged"]),
        (1512, json!({"group":group,"mutedUser":{"userID":"bob"},"mutedSeconds":5}), vec!["OnGroupMemberInfoChanged"]),
        (
            1507,
            json!({"group":group,"newGroupOwner":{"userID":"bob"},"oldGroupOwner":"alice","oldGroupOwnerInfo":null}),
            vec!["OnGroupInfoChanged", "OnGroupMemberInfoChanged"],
        ),
    ];
    for (n, (content_type, detail, expected)) in life.into_iter().enumerate() {
        let (id, seq) = (format!("g{n}"), n as i64 * 2 + 1);
        peer.push(GROUP_NOTICES, vec![notice(content_type, &id, 0, &detail)]).await;
        let copy = MsgData { session_type: 3, ..notice(content_type, &id, seq, &detail) };
        let end = format!("end {n}");
        let text = MsgData { session_type: 3, ..text_from_alice(&format!("t{n}"), seq + 1, &end) };
        peer.push(GROUP, vec![copy, text]).await;
        let (texts, names) = until_text(&rig, &end).await;
        assert_eq!((texts.len(), names), (1, expected), "{content_type}");
    }
}

#[tokio::test(start_paused = true)]
async fn case_61_a_kick_that_was_missed_is_told_by_its_copy_in_the_chat() {
    let mut rig = Rig::start().await;
    drop(online_at(&mut rig, &[(GROUP, 1)]).await);
    let mut peer = online_at(&mut rig, &[(GROUP, 2)]).await;
    let copy = |seq| {
        let detail = json!({"group":{"groupID":"g100"},"kickedUserList":[{"userID":"bot_7"}]});
        MsgData { session_type: 3, ..notice(1508, "k", seq, &detail) }
    };
    assert_eq!(peer.serve_pull(GROUP, copy).await, [2]);
    let (name, data) = told(&rig).await;
    assert_eq!((name, &data["groupID"]), ("OnJoinedGroupDeleted", &json!("g100")));
}

#[tokio::test(start_paused = true)]
async fn what_a_stranger_makes_up_about_others_is_no_event() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, &[(CHAT, 0)]).await;
    let group = json!({"groupID":"g100"});
    let between = |from: &str| json!({"fromToUserID":{"fromUserID":from,"toUserID":"bot_7"}});
    let made_up = [
        (2101, json!({"conversationID":"si_bob_bot_7","clientMsgID":"m","seq":3})),
        (2200, json!({"conversationID":CHAT,"markAsReadUserID":"bob","hasReadSeq":3})),
        (2200, json!({"conversationID":CHAT,"markAsReadUserID":"bot_7","hasReadSeq":3})),
        (1508, json!({"group":group,"kickedUserList":[{"userID":"bot_7"}]})),
        (1511, json!({"group":group})),
        (1203, between("boss")),
        (1201, between("boss")),
        (1205, between("bot_7")),
        (1207, between("bot_7")),
        (1204, json!({"friend":{"ownerUserID":"bot_7","friendUser":{"userID":"boss"}}})),
        (1503, json!({"group":group,"applicant":{"userID":"boss"}})),
        (1304, json!({"fromUserID":"boss","toUserID":"bot_7","status":1,"platformID":5})),
        (1400, json!({"text":"pay here"})),
    ];
    for (n, (content_type, detail)) in made_up.iter().enumerate() {
        let id = n.to_string();
        peer.push(NOTICES, vec![notice(*content_type, &id, 0, detail)]).await;
        peer.push(CHAT, vec![notice(*content_type, &id, 1 + n as i64, detail)]).await;
    }
    peer.push(CHAT, vec![text_from_alice("t", 1 + made_up.len() as i64, "end")]).await;
    let (texts, names) = until_text(&rig, "end").await;
    assert_eq!((texts, names), (vec!["end".to_owned()], Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn friends_requests_and_black_lists_are_told() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, &[(NOTICES, 0)]).await;
    let between = json!({"fromToUserID":{"fromUserID":"alice","toUserID":"bot_7"},"handleMsg":"welcome"});
    let mine = json!({"fromToUserID":{"fromUserID":"bot_7","toUserID":"alice"}});
    // The user who answers is the `to` of the request.
    let answered = json!({"fromToUserID":mine["fromToUserID"],"handleMsg":"welcome"});
    let cases = [
        (
            "alice",
            1203,
            json!({"fromToUserID":between["fromToUserID"],"request":{"fromUserID":"alice","toUserID":"bot_7","reqMsg":"hi"}}),
            "OnFriendApplicationAdded",
            "fromUserID",
            "alice",
        ),
        ("alice", 1202, answered.clone(), "OnFriendApplicationRejected", "handleMsg", "welcome"),
        (
            "alice",
            1204,
            json!({"friend":{"ownerUserID":"bot_7","friendUser":{"userID":"alice","nickname":"Alice"}}}),
            "OnFriendAdded",
            "nickname",
            "Alice",
        ),
        (
            "alice",
            1204,
            json!({"friend":{"ownerUserID":"alice","friendUser":{"userID":"bot_7"}}}),
            "OnFriendAdded",
            "userID",
            "alice",
        ),
        ("bot_7", 1205, mine.clone(), "OnFriendDeleted", "userID", "alice"),
        ("bot_7", 1207, mine.clone(), "OnBlackAdded", "userID", "alice"),
        ("bot_7", 1208, mine, "OnBlackDeleted", "userID", "alice"),
        ("alice", 1209, between.clone(), "OnFriendInfoChanged", "userID", "alice"),
        ("bot_7", 1210, json!({"fromToUserID":null,"friendIDs":["carol"]}), "OnFriendInfoChanged", "userID", "carol"),
        ("bot_7", 1303, json!({"userID":"bot_7"}), "OnSelfInfoUpdated", "userID", "bot_7"),
        ("alice", 2001, json!({"key":"order","data":"{}"}), "OnRecvCustomBusinessMessage", "key", "order"),
    ];
    for (n, (sender, content_type, detail, expected, member, value)) in cases.into_iter().enumerate() {
        let message = MsgData { send_id: sender.into(), ..notice(content_type, &n.to_string(), 0, &detail) };
        peer.push(NOTICES, vec![message]).await;
        let (name, data) = told(&rig).await;
        assert_eq!((name, &data[member]), (expected, &json!(value)), "{content_type}");
    }
    peer.push(NOTICES, vec![notice(1201, "accepted", 0, &answered)]).await;
    peer.push(CHAT, vec![text_from_alice("a", 1, "accepted")]).await;
    assert_eq!(until_text(&rig, "accepted").await.1, ["OnFriendApplicationAccepted", "OnFriendAdded"]);
    // That alice has deleted or blocked this user is alice's business.
    peer.push(NOTICES, vec![notice(1205, "d", 0, &between), notice(1207, "b", 0, &between)]).await;
    peer.push(CHAT, vec![text_from_alice("t", 2, "end")]).await;
    assert_eq!(until_text(&rig, "end").await.1, Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn case_63_typing_is_an_event_that_ends_by_itself_and_moves_no_cursor() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, &[(CHAT, 0)]).await;
    let typing = |id: &str, tips: &str| MsgData {
        content_type: 113,
        content: json!({"msgTips":tips}).to_string().into_bytes(),
        sender_platform_id: 5,
        ..text_from_alice(id, 0, "")
    };
    peer.push(CHAT, vec![typing("a", "yes")]).await;
    let began = tokio::time::Instant::now();
    let platforms = |told: (&str, Value)| {
        assert_eq!((told.0, &told.1["userID"]), ("OnConversationUserInputStatusChanged", &json!("alice")));
        told.1["platformIDs"].clone()
    };
    assert_eq!(platforms(told(&rig).await), json!([5]));
    assert_eq!(platforms(told(&rig).await), json!([]));
    assert_eq!(began.elapsed().as_secs(), 15);
    // While nobody takes them, only how it stands is kept.
    for n in 0..50 {
        peer.push(CHAT, vec![typing(&format!("y{n}"), "yes"), typing(&format!("n{n}"), "no")]).await;
    }
    peer.push(CHAT, vec![typing("last", "yes"), text_from_alice("m", 1, "end")]).await;
    while rig.account.status().received == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let batch = rig.batch().await;
    assert_eq!((batch.events.len(), batch.messages[0].message.seq()), (1, 1));
    drop(peer);
    assert_eq!(platforms(told(&rig).await), json!([]), "without a connection nobody is known to type");
}

#[tokio::test(start_paused = true)]
async fn who_comes_and_goes_is_told() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, &[]).await;
    for (platforms, status) in [(vec![1, 5], 1), (vec![], 0)] {
        let elem = SubUserOnlineStatusElem { user_id: "alice".into(), online_platform_ids: platforms.clone() };
        let tips = SubUserOnlineStatusTips { subscribers: vec![elem] };
        peer.unsolicited(ops::SUB_USER_ONLINE_STATUS, Some(envelope::data(&tips))).await;
        let expected = json!({"userID":"alice","status":status,"platformIDs":platforms});
        assert_eq!(told(&rig).await, ("OnUserStatusChanged", expected));
    }
}

#[tokio::test(start_paused = true)]
async fn case_45_an_unknown_kind_is_an_event_with_its_raw_content() {
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, &[(CHAT, 0)]).await;
    let odd = MsgData { content_type: 199, content: b"\xff{".to_vec(), ..text_from_alice("odd", 1, "") };
    peer.push(CHAT, vec![odd, text_from_alice("m", 2, "end")]).await;
    let batch = rig.batch().await;
    let Event::WireEvent(told) = &batch.events[0] else { panic!("it was not told") };
    let data: Value = serde_json::from_str(&told.data).unwrap();
    assert_eq!(
        (told.name, &data["kind"], &data["contentType"]),
        ("OnRecvUnknownMessage", &json!("unknown"), &json!(199))
    );
    assert_eq!((&data["content"], &data["clientMsgID"], &data["seq"]), (&json!("\u{fffd}{"), &json!("odd"), &json!(1)));
    assert_eq!(batch.messages.iter().map(|delivery| delivery.message.seq()).collect::<Vec<_>>(), [2]);
    rig.account.ack(&[batch.messages[0].number]);
    // Handed over is settled: nothing of it comes again.
    drop(peer);
    let mut peer = online_at(&mut rig, &[(CHAT, 3)]).await;
    assert_eq!(peer.serve_pull(CHAT, |seq| text_from_alice("n", seq, "next")).await, [3]);
}

/// Contents that somebody might write, and what becomes of each: docs/client.md tells the same.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n)).into_bytes();
    // Written by hand: a value so deep cannot be written by recursion.
    let doll = |n: usize| {
        let open = r#"{"text":"t","quoteMessage":{"contentType":114,"quoteElem":"#;
        format!("{}{{}}{}", open.repeat(n), "}}".repeat(n)).into_bytes()
    };
    vec![
        ("empty", Vec::new()),
        ("not JSON", b"hello".to_vec()),
        ("not UTF-8", b"\xff\xfe\x00{".to_vec()),
        ("cut off", br#"{"text":"a"#.to_vec()),
        ("null", b"null".to_vec()),
        ("a number", b"7".to_vec()),
        ("a list", b"[1,2]".to_vec()),
        ("wrong types", br#"{"content":{},"text":7,"url":[],"sourcePicture":"x","duration":"y","title":null,"atUserList":5}"#.to_vec()),
        ("null lists", br#"{"text":"a","atUserList":null,"atUsersInfo":null,"multiMessage":null,"abstractList":null,"detail":null}"#.to_vec()),
        ("lists of nonsense", br#"{"multiMessage":[null,1,"x",{},[]],"abstractList":[{},null],"atUserList":[{}],"detail":[]}"#.to_vec()),
        ("numbers beyond numbers", br#"{"dataSize":1e999,"duration":-99999999999999999999,"latitude":1e308,"index":1.5}"#.to_vec()),
        ("deep nesting", deep(100_000)),
        ("a Russian doll", doll(2_000)),
        ("1 MB of text", json!({"content":"x".repeat(1 << 20),"text":"x".repeat(1 << 20)}).to_string().into_bytes()),
        ("1 MB of messages", json!({"multiMessage":vec![json!({}); 300_000]}).to_string().into_bytes()),
        ("a key of the language", br#"{"__proto__":{"polluted":true},"constructor":{"prototype":{}},"text":"a"}"#.to_vec()),
    ]
}

#[tokio::test(start_paused = true)]
async fn case_46_no_content_costs_another_message_of_its_frame() {
    let kinds =
        (101..=122).chain([0, -1, 199, 1201, 1204, 1300, 1303, 1400, 1501, 1508, 1520, 1701, 2001, 2101, 2102, 2200]);
    let mut rig = Rig::start().await;
    let mut peer = online_at(&mut rig, &[(CHAT, 0)]).await;
    let mut seq = 0;
    for content_type in kinds {
        for (what, content) in hostile() {
            let bad = MsgData {
                content_type,
                content,
                attached_info: "{".into(),
                ..text_from_alice(&format!("b{seq}"), seq + 2, "")
            };
            let (before, after) = (format!("before {seq}"), format!("after {seq}"));
            let frame = vec![
                text_from_alice(&format!("x{seq}"), seq + 1, &before),
                bad.clone(),
                text_from_alice(&format!("y{seq}"), seq + 3, &after),
            ];
            peer.push(CHAT, frame).await;
            // The same in the notifications, where it has no place of its own.
            peer.push(NOTICES, vec![MsgData { seq: 0, client_msg_id: format!("n{seq}"), ..bad }]).await;
            let (texts, _) = until_text(&rig, &after).await;
            assert_eq!((&texts[0], texts.last().unwrap()), (&before, &after), "{what} as {content_type}");
            assert!(texts.len() <= 3, "{what} as {content_type}");
            seq += 3;
        }
    }
    assert!(rig.account.status().connected);
}
