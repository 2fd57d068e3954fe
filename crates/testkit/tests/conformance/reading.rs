//! Read positions and revoked messages.

use serde_json::{Value, json};
use testkit::Recipient;

use crate::support::*;

const CHAT: &str = "si_alice_bot_7";

fn detail(content: &[u8]) -> Value {
    let content: Value = serde_json::from_slice(content).unwrap();
    serde_json::from_str(content["detail"].as_str().unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn case_70_reading_a_chat_is_announced_to_the_peer() {
    let server = server();
    for n in 0..16 {
        server.send_as("alice", Recipient::User("bot_7"), &format!("m{n}")).unwrap();
    }
    let token = server.issue_token("bot_7", WEB);
    let mut alice = RawClient::login(&server, "alice", WEB).await;
    let read =
        |seq: i64, seqs: Value| json!({ "conversationID": CHAT, "seqs": seqs, "hasReadSeq": seq, "userID": "bot_7" });
    let path = "/msg/mark_conversation_as_read";
    for (seq, seqs) in [(0, json!([])), (16, json!([0])), (-1, Value::Null)] {
        assert_eq!(code(&server, &token, path, &read(seq, seqs)).await, 1001);
    }
    let answer = api(&server, &token, path, &read(16, json!([16]))).await;
    assert_eq!(answer, json!({ "errCode": 0, "errMsg": "", "errDlt": "" }));
    let (id, receipt) = alice.pushed().await;
    assert_eq!((id.as_str(), receipt.content_type, receipt.seq, receipt.msg_from), ("n_alice_bot_7", 2200, 1, 200));
    let seqs: Vec<i64> = (1..=16).collect();
    let expected = json!({ "markAsReadUserID": "bot_7", "conversationID": CHAT, "seqs": seqs, "hasReadSeq": 16 });
    assert_eq!(detail(&receipt.content), expected);
    let asked = json!({ "userID": "bot_7", "conversationIDs": [] });
    let positions = data(&server, &token, "/msg/get_conversations_has_read_and_max_seq", &asked).await;
    assert_eq!((&positions["seqs"][CHAT]["hasReadSeq"], &positions["seqs"][CHAT]["maxSeq"]), (&16.into(), &16.into()));
    assert!(server.stored(CHAT).iter().all(|msg| msg.is_read));
    api(&server, &token, path, &read(16, json!([]))).await;
    assert!(detail(&alice.pushed().await.1.content)["seqs"].is_null(), "nothing new");
}

#[tokio::test(start_paused = true)]
async fn reading_a_group_is_announced_to_the_own_devices_only() {
    let server = server();
    server.send_as("alice", Recipient::Group("g100"), "hi").unwrap();
    let token = server.issue_token("bot_7", WEB);
    let mut alice = RawClient::login(&server, "alice", WEB).await;
    let mut bot = RawClient::login_with(&server, "bot_7", &query("bot_7", &token, WEB)).await;
    let read = json!({ "conversationID": "sg_g100", "seqs": null, "hasReadSeq": 1, "userID": "bot_7" });
    api(&server, &token, "/msg/mark_conversation_as_read", &read).await;
    let (id, receipt) = bot.pushed().await;
    assert_eq!((id.as_str(), receipt.seq), ("n_bot_7_bot_7", 0));
    alice.assert_nothing_waits().await;
}

#[tokio::test(start_paused = true)]
async fn case_79_only_the_author_revokes_in_a_chat() {
    let server = server();
    server.send_as("alice", Recipient::User("bot_7"), "oops").unwrap();
    server.send_as("alice", Recipient::User("bot_7"), "lost").unwrap();
    let tokens = ["alice", "bot_7"].map(|user| server.issue_token(user, WEB));
    let mut bot = RawClient::login_with(&server, "bot_7", &query("bot_7", &tokens[1], WEB)).await;
    let revoke = |user: &str, seq: i64| json!({ "conversationID": CHAT, "seq": seq, "userID": user });
    let path = "/msg/revoke_msg";
    assert_eq!(code(&server, &tokens[1], path, &revoke("bot_7", 1)).await, 1002);
    assert_eq!(code(&server, &tokens[0], path, &revoke("alice", 0)).await, 1001);
    assert_eq!(code(&server, &tokens[0], path, &revoke("alice", 9)).await, 1004);
    server.lose_message(CHAT, 2);
    assert_eq!(code(&server, &tokens[0], path, &revoke("alice", 2)).await, 500);
    api(&server, &tokens[0], path, &revoke("alice", 1)).await;
    let (id, notification) = bot.pushed().await;
    assert_eq!((id.as_str(), notification.content_type, notification.seq), ("n_alice_bot_7", 2101, 1));
    let told = detail(&notification.content);
    let stored = &server.stored(CHAT)[0];
    assert_eq!(
        (&told["clientMsgID"], &told["seq"], &told["isAdminRevoke"]),
        (&json!(stored.client_msg_id), &1.into(), &false.into())
    );
    assert_eq!((stored.content_type, &detail(&stored.content)["revokerID"]), (2101, &"alice".into()));
    assert_eq!(code(&server, &tokens[0], path, &revoke("alice", 1)).await, 1404);
}

#[tokio::test(start_paused = true)]
async fn case_79_in_a_group_admins_revoke_messages_of_members() {
    let server = server_with(|config| config.groups[0].admins.push("bob".into()));
    for user in ["bot_7", "alice"] {
        server.send_as(user, Recipient::Group("g100"), "hi").unwrap();
    }
    let (bob, bot) = (server.issue_token("bob", WEB), server.issue_token("bot_7", WEB));
    let revoke = |user: &str, seq: i64| json!({ "conversationID": "sg_g100", "seq": seq, "userID": user });
    assert_eq!(code(&server, &bot, "/msg/revoke_msg", &revoke("bot_7", 2)).await, 1002);
    assert_eq!(code(&server, &bob, "/msg/revoke_msg", &revoke("bob", 2)).await, 1002, "the owner's");
    api(&server, &bob, "/msg/revoke_msg", &revoke("bob", 1)).await;
    assert_eq!(server.stored("sg_g100")[0].content_type, 2101);
}
