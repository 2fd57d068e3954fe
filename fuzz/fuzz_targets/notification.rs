//! Notifications of every type, from the right places and from wrong ones: events are JSON, and nobody is believed about
//! others.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openim_core::events::{self, Context, RecentEvents};
use openim_core::message::notice;
use openim_core::wire::pb::MsgData;

fuzz_target!(|data: &[u8]| {
    let [high, low, place, detail @ ..] = data else { return };
    let content_type = i32::from(u16::from_be_bytes([*high, *low]));
    let conversation = ["n_alice_bot_7", "n_g100", "si_alice_bot_7", "sg_g100"][usize::from(place % 4)];
    let wrapped = serde_json::json!({ "detail": String::from_utf8_lossy(detail) }).to_string();
    let mut recent = RecentEvents::default();
    recent.add_own_message(&"si_alice_bot_7".into(), 1, "m1");
    for content in [detail, wrapped.as_bytes()] {
        let _ = notice::parse(content_type, content);
        let message =
            MsgData { send_id: "alice".into(), content_type, content: content.to_vec(), seq: 7, ..MsgData::default() };
        let context = Context { self_id: "bot_7", conversation };
        let events = events::read(&message, context, &mut recent).map(|read| read.events);
        for event in events.unwrap_or_default() {
            assert!(!event.name.is_empty());
            match event.name {
                "OnRecvC2CReadReceipt" => assert_eq!(event.data[0]["userID"], "alice"),
                "OnFriendApplicationAdded" => assert_eq!(event.data["toUserID"].is_string(), true),
                "OnJoinedGroupDeleted" | "OnGroupDismissed" => assert_eq!(event.data["groupID"], "g100"),
                _ => {}
            }
        }
        let _ = events::unknown(&message, conversation);
    }
});
