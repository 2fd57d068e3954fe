//! Notifications as the server writes them, with everything it leaves out or writes as null.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use openim_core::message::notice::conversation::ConversationNotice;
use openim_core::message::notice::friend::FriendChange;
use openim_core::message::notice::group::{GroupChange, GroupNotice};
use openim_core::message::notice::{self, Notice};
use openim_core::message::{decode, media, readable};
use serde_json::{Value, json};

fn content(detail: &Value) -> Vec<u8> {
    json!({ "detail": detail.to_string() }).to_string().into_bytes()
}

fn read(content_type: i32, detail: &Value) -> Notice {
    notice::parse(content_type, &content(detail))
}

fn group(content_type: i32, detail: &Value) -> GroupNotice {
    match read(content_type, detail) {
        Notice::Group(notice) => *notice,
        other => panic!("{other:?} is not about a group"),
    }
}

#[test]
fn case_59_a_revocation_names_its_message_and_its_seq_in_both_shapes() {
    let told = json!({"revokerUserID":"alice","clientMsgID":"m1","revokeTime":9,"sesstionType":1,"seq":4,"conversationID":"si_alice_bot_7","isAdminRevoke":false});
    let in_chat = json!({"revokerID":"alice","revokerRole":0,"clientMsgID":"m1","revokerNickname":"Alice","revokeTime":9,"sourceMessageSendTime":8,"sourceMessageSendID":"alice","sourceMessageSenderNickname":"Alice","sessionType":1,"seq":4,"ex":""});
    for detail in [told, in_chat] {
        let Notice::Revoked(revoked) = read(2101, &detail) else { panic!("it is not a revocation") };
        assert_eq!((revoked.client_msg_id.as_str(), revoked.seq, revoked.session_type), ("m1", 4, 1));
        assert_eq!((revoked.revoker_id.as_str(), revoked.revoke_time), ("alice", 9));
    }
    for unknown in [json!({"clientMsgID":"m1"}), json!({"clientMsgID":"m1","seq":null})] {
        let Notice::Revoked(revoked) = read(2101, &unknown) else { panic!("it is not a revocation") };
        assert_eq!((revoked.client_msg_id.as_str(), revoked.seq), ("m1", 0));
    }
}

#[test]
fn case_60_a_receipt_is_read_with_seqs_with_null_and_from_oneself() {
    let receipt = |user: &str, seqs: Value| {
        let detail = json!({"markAsReadUserID":user,"conversationID":"si_alice_bot_7","seqs":seqs,"hasReadSeq":5});
        match read(2200, &detail) {
            Notice::Read(receipt) => receipt,
            other => panic!("{other:?} is not a receipt"),
        }
    };
    assert_eq!(receipt("alice", json!([3, 4])).seqs, [3, 4]);
    let null = receipt("alice", json!(null));
    assert_eq!((null.seqs.len(), null.has_read_seq, null.is_own("bot_7")), (0, 5, false));
    assert!(receipt("bot_7", json!(null)).is_own("bot_7"));
}

#[test]
fn case_62_a_business_notification_is_a_key_with_data() {
    let Notice::Business(business) = read(2001, &json!({"key":"k","data":"{\"a\":1}"})) else {
        panic!("it is not 2001")
    };
    assert_eq!((business.key.as_str(), business.data.as_str()), ("k", "{\"a\":1}"));
}

#[test]
fn case_62_an_oa_message_is_read_through_its_detail() {
    let detail = json!({"notificationName":"News","notificationFaceURL":"","notificationType":1,"text":"Hello","url":"https://n.example","mixType":1,
        "pictureElem":{"sourcePicture":{"url":"https://o.example/p.png","type":"png","size":3}},"soundElem":null,"videoElem":null,"fileElem":null,"ex":""});
    let Notice::Oa(oa) = read(1400, &detail) else { panic!("it is not 1400") };
    assert_eq!((oa.name.as_str(), oa.text.as_str(), oa.sound), ("News", "Hello", None));
    let content = decode(1400, &content(&detail));
    assert_eq!(readable(&content), "Hello\nhttps://n.example");
    let found = media(&content);
    assert_eq!((found.len(), found[0].mime.as_str()), (1, "image/png"));
}

#[test]
fn being_kicked_is_leaving_the_group_and_others_being_kicked_is_not() {
    let kicked = |list: Value| {
        group(
            1508,
            &json!({"group":{"groupID":"g1","memberCount":3},"opUser":{"userID":"alice"},"operationTime":5,"kickedUserList":list,"groupMemberVersion":u64::MAX,"groupMemberVersionID":"v"}),
        )
    };
    let notice = kicked(json!([{"userID":"bot_7"}, null]));
    assert!(notice.removes("bot_7") && !notice.removes("carol"));
    assert_eq!((notice.group.group_id.as_str(), notice.version, notice.operation_time), ("g1", u64::MAX, 5));
    assert!(!kicked(json!(null)).removes("bot_7"));
    assert!(group(1511, &json!({"group":{"groupID":"g1"}})).removes("bot_7"));
    assert!(group(1504, &json!({"quitUser":{"userID":"bot_7"}})).removes("bot_7"));
}

#[test]
fn who_came_in_is_told_by_creation_invitation_and_entry() {
    let bob = json!({"userID":"bob","roleLevel":20,"appMangerLevel":0});
    for (content_type, detail) in [
        (1501, json!({"memberList":[bob]})),
        (1509, json!({"invitedUserList":[bob]})),
        (1510, json!({"entrantUser":bob})),
    ] {
        let notice = group(content_type, &detail);
        assert_eq!(notice.joined().iter().map(|member| member.user_id.as_str()).collect::<Vec<_>>(), ["bob"]);
    }
    assert!(group(1509, &json!({"invitedUserList":null,"inviterUser":null})).joined().is_empty());
}

#[test]
fn no_group_notification_needs_more_than_its_group() {
    for content_type in 1501..=1520 {
        let notice = group(content_type, &json!({"group":{"groupID":"g1"}}));
        assert_eq!((notice.group.group_id.as_str(), notice.op_user, notice.version), ("g1", None, 0));
    }
    assert_eq!(group(1502, &json!({"muteTime":7})).operation_time, 7);
    let muted = group(1512, &json!({"mutedUser":{"userID":"bob"},"mutedSeconds":60}));
    assert!(matches!(muted.change, GroupChange::MemberMuted { seconds: 60, .. }));
    let answered = group(1505, &json!({"handleMsg":"ok","receiverAs":1}));
    assert!(matches!(answered.change, GroupChange::Accepted(answer) if answer.as_admin && answer.answer == "ok"));
    let owner =
        group(1507, &json!({"newGroupOwner":{"userID":"bob"},"oldGroupOwner":"alice","oldGroupOwnerInfo":null}));
    assert!(
        matches!(owner.change, GroupChange::OwnerTransferred { new, old_id, old: None } if new.user_id == "bob" && old_id == "alice")
    );
}

#[test]
fn friend_changes_say_between_whom() {
    let wanted = [
        (1201, FriendChange::Approved),
        (1202, FriendChange::Rejected),
        (1203, FriendChange::Requested),
        (1205, FriendChange::Deleted),
        (1207, FriendChange::Blocked),
        (1208, FriendChange::Unblocked),
        (1209, FriendChange::InfoChanged),
    ];
    for (content_type, change) in wanted {
        let detail = json!({"fromToUserID":{"fromUserID":"alice","toUserID":"bot_7"},"request":null});
        let Notice::Friend(notice) = read(content_type, &detail) else { panic!("it is not about friends") };
        assert_eq!(
            (notice.change, notice.detail.between.from.as_str(), notice.detail.request),
            (change, "alice", None)
        );
    }
    let added =
        json!({"friend":{"ownerUserID":"bot_7","friendUser":{"userID":"alice"}},"operationTime":1,"opUser":null});
    let Notice::Friend(notice) = read(1204, &added) else { panic!("it is not about friends") };
    assert_eq!(notice.detail.friend.unwrap().friend_user.user_id, "alice");
}

#[test]
fn conversation_changes_and_deletions_have_their_lists_or_none() {
    let Notice::Deleted(deleted) = read(2102, &json!({"userID":"u","conversationID":"c","seqs":[1,"2",null]})) else {
        panic!()
    };
    assert_eq!(deleted.seqs, [1, 2]);
    for (content_type, name) in [(1300, "conversationIDList"), (1703, "conversationIDs"), (1704, "conversationIDs")] {
        for (list, ids) in [(json!(["c"]), vec!["c".to_owned()]), (json!(null), Vec::new())] {
            let Notice::Conversation(notice) = read(content_type, &json!({"userID":"u",name:list})) else { panic!() };
            let (ConversationNotice::Changed(told)
            | ConversationNotice::Cleared(told)
            | ConversationNotice::Deleted(told)) = notice
            else {
                panic!("{content_type} is another change")
            };
            assert_eq!(told.ids, ids);
        }
    }
    let private = read(1701, &json!({"recvID":"a","sendID":"b","isPrivate":true,"conversationID":"c"}));
    assert!(matches!(private, Notice::Conversation(ConversationNotice::PrivateChat(chat)) if chat.is_private));
    let unread = read(1702, &json!({"userID":"u","conversationID":"c","hasReadSeq":3,"unreadCountTime":9}));
    assert!(matches!(unread, Notice::Conversation(ConversationNotice::Unread(unread)) if unread.has_read_seq == 3));
    assert_eq!(read(1303, &json!({"userID":"u"})), Notice::User { content_type: 1303, user_id: "u".into() });
    assert!(matches!(read(1601, &json!({})), Notice::Unknown { content_type: 1601, .. }));
}
