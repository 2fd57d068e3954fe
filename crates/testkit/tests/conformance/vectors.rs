//! Frames captured from the genuine JS package: our codec reads the recorded values from each and writes it unchanged.

use std::collections::BTreeMap;

use openim_core::wire::envelope::{self, Request, Response};
use openim_core::wire::pb;
use serde_json::{Value, json};

const FRAMES: &str = include_str!("../../vectors/openim-frames.jsonl");

/// The binary frames of one direction.
fn frames(direction: &str) -> Vec<Value> {
    let all = FRAMES.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    all.filter(|frame| frame["kind"] == "ws-binary" && frame["direction"] == direction).collect()
}

/// A payload in the form of the recording.
trait Shown: openim_core::wire::Payload + PartialEq + std::fmt::Debug {
    fn shown(&self) -> Value;
    /// Whether there is only one way to write it: no map of several entries, no empty list that may be written or not.
    fn has_one_form(&self) -> bool {
        true
    }
}

/// Decodes `data` as `M`: it means what was recorded, and written again it means the same; where there is one way to write
/// it, it is the same bytes.
fn replay<M: Shown>(frame: &Value, data: &str) {
    let n = &frame["n"];
    let message: M = envelope::payload(Some(data)).unwrap();
    assert_eq!(message.shown(), without_defaults(frame["decoded"].clone()), "frame {n}");
    let again = envelope::data(&message);
    assert_eq!(envelope::payload::<M>(Some(&again)).unwrap(), message, "frame {n}");
    if message.has_one_form() {
        assert_eq!(again, data, "frame {n}");
    }
}

#[test]
fn captured_requests_are_read_and_written_unchanged() {
    let frames = frames("c2s");
    assert_eq!(frames.len(), 32);
    for frame in &frames {
        let payload = frame["payload"].as_str().unwrap();
        let request: Request = envelope::decode(payload.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(envelope::encode(&request)).unwrap(), payload);
        let data = request.data.as_deref().unwrap();
        match frame["type"].as_str().unwrap() {
            "GetConversationsHasReadAndMaxSeqReq" => replay::<pb::GetConversationsHasReadAndMaxSeqReq>(frame, data),
            "MsgData" => replay::<pb::MsgData>(frame, data),
            "GetSeqMessageReq" => replay::<pb::GetSeqMessageReq>(frame, data),
            "SubUserOnlineStatus" => replay::<pb::SubUserOnlineStatus>(frame, data),
            "PullMessageBySeqsReq" => replay::<pb::PullMessageBySeqsReq>(frame, data),
            other => panic!("a request of type {other}"),
        }
    }
}

#[test]
fn captured_answers_and_pushes_are_read_and_written_unchanged() {
    let frames = frames("s2c");
    assert_eq!(frames.len(), 62);
    for frame in &frames {
        let payload = frame["payload"].as_str().unwrap();
        let response: Response = envelope::decode(payload.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(envelope::encode(&response)).unwrap(), payload);
        let Some(kind) = frame["type"].as_str() else {
            assert!(response.data.is_none(), "frame {} has data of an unknown type", frame["n"]);
            continue;
        };
        let data = response.data.as_deref().unwrap();
        match kind {
            "GetConversationsHasReadAndMaxSeqResp" => replay::<pb::GetConversationsHasReadAndMaxSeqResp>(frame, data),
            "UserSendMsgResp" => replay::<pb::SendMsgResp>(frame, data),
            "PushMessages" | "GetSeqMessageResp" | "PullMessageBySeqsResp" => replay::<pb::PushMessages>(frame, data),
            "SubUserOnlineStatusTips" => replay::<pb::SubUserOnlineStatusTips>(frame, data),
            other => panic!("an answer of type {other}"),
        }
    }
}

/// The recording writes the JS package's two extra fields, always at their defaults.
fn without_defaults(mut decoded: Value) -> Value {
    match &mut decoded {
        Value::Object(members) => {
            members.remove("keyVersion");
            members.remove("dstUserIDs");
            members.values_mut().for_each(|member| *member = without_defaults(member.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_defaults(item.take())),
        _ => {}
    }
    decoded
}

impl Shown for pb::MsgData {
    fn shown(&self) -> Value {
        let mut shown = json!({
            "sendID": self.send_id, "recvID": self.recv_id, "groupID": self.group_id,
            "clientMsgID": self.client_msg_id, "serverMsgID": self.server_msg_id,
            "senderPlatformID": self.sender_platform_id, "senderNickname": self.sender_nickname,
            "senderFaceURL": self.sender_face_url, "sessionType": self.session_type, "msgFrom": self.msg_from,
            "contentType": self.content_type, "content": String::from_utf8(self.content.clone()).unwrap(),
            "seq": self.seq, "sendTime": self.send_time, "createTime": self.create_time, "status": self.status,
            "isRead": self.is_read, "options": self.options, "atUserIDList": self.at_user_id_list,
            "attachedInfo": self.attached_info, "ex": self.ex,
        });
        if let Some(push) = &self.offline_push_info {
            shown["offlinePushInfo"] = json!({
                "title": push.title, "desc": push.desc, "ex": push.ex, "iOSPushSound": push.i_os_push_sound,
                "iOSBadgeCount": push.i_os_badge_count, "signalInfo": push.signal_info,
            });
        }
        shown
    }

    fn has_one_form(&self) -> bool {
        // The JS package writes entries that are false without their value; ours may not.
        self.options.is_empty()
    }
}

impl Shown for pb::PushMessages {
    fn shown(&self) -> Value {
        let show = |map: &BTreeMap<String, pb::PullMsgs>| -> Value {
            let pulled = |pulled: &pb::PullMsgs| json!({ "Msgs": pulled.msgs.iter().map(Shown::shown).collect::<Vec<_>>(), "isEnd": pulled.is_end });
            map.iter().map(|(id, msgs)| (id.clone(), pulled(msgs))).collect::<serde_json::Map<_, _>>().into()
        };
        json!({ "msgs": show(&self.msgs), "notificationMsgs": show(&self.notification_msgs) })
    }

    fn has_one_form(&self) -> bool {
        let mut all = self.msgs.values().chain(self.notification_msgs.values());
        self.msgs.len() + self.notification_msgs.len() <= 1
            && all.all(|pulled| pulled.msgs.iter().all(Shown::has_one_form))
    }
}

impl Shown for pb::GetConversationsHasReadAndMaxSeqReq {
    fn shown(&self) -> Value {
        json!({ "userID": self.user_id, "conversationIDs": self.conversation_ids })
    }
}

impl Shown for pb::GetConversationsHasReadAndMaxSeqResp {
    fn shown(&self) -> Value {
        let show = |seqs: &pb::Seqs| json!({ "maxSeq": seqs.max_seq, "hasReadSeq": seqs.has_read_seq, "maxSeqTime": seqs.max_seq_time });
        let seqs: serde_json::Map<_, _> = self.seqs.iter().map(|(id, seqs)| (id.clone(), show(seqs))).collect();
        json!({ "seqs": seqs })
    }

    fn has_one_form(&self) -> bool {
        self.seqs.len() <= 1
    }
}

impl Shown for pb::SendMsgResp {
    fn shown(&self) -> Value {
        json!({ "serverMsgID": self.server_msg_id, "clientMsgID": self.client_msg_id, "sendTime": self.send_time })
    }
}

impl Shown for pb::GetSeqMessageReq {
    fn shown(&self) -> Value {
        let one = |asked: &pb::ConversationSeqs| json!({ "conversationID": asked.conversation_id, "seqs": asked.seqs });
        let conversations: Vec<_> = self.conversations.iter().map(one).collect();
        // The recording leaves the order out; it is always the default.
        assert_eq!(self.order, 0);
        json!({ "userID": self.user_id, "conversations": conversations })
    }
}

impl Shown for pb::PullMessageBySeqsReq {
    fn shown(&self) -> Value {
        let one = |range: &pb::SeqRange| {
            json!({
                "conversationID": range.conversation_id, "begin": range.begin, "end": range.end, "num": range.num,
            })
        };
        let ranges: Vec<_> = self.seq_ranges.iter().map(one).collect();
        json!({ "userID": self.user_id, "seqRanges": ranges, "order": self.order })
    }
}

impl Shown for pb::SubUserOnlineStatus {
    fn shown(&self) -> Value {
        json!({ "subscribeUserID": self.subscribe_user_id, "unsubscribeUserID": self.unsubscribe_user_id })
    }
}

impl Shown for pb::SubUserOnlineStatusTips {
    fn shown(&self) -> Value {
        let one = |elem: &pb::SubUserOnlineStatusElem| json!({ "userID": elem.user_id, "onlinePlatformIDs": elem.online_platform_ids });
        json!({ "subscribers": self.subscribers.iter().map(one).collect::<Vec<_>>() })
    }
    fn has_one_form(&self) -> bool {
        // The JS package writes an empty list of numbers as a field of no bytes.
        self.subscribers.iter().all(|elem| !elem.online_platform_ids.is_empty())
    }
}
