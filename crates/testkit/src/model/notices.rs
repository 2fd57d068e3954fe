//! Notifications: messages that the server itself sends about messages, users and groups.

use std::collections::BTreeMap;

use openim_core::conversation::{GROUP, SINGLE};
use openim_core::message::options;
use openim_core::wire::pb::MsgData;
use serde_json::{Value, json};

use super::Model;
use crate::records::GroupMemberFullInfo;

/// `msgFrom`: written by the server.
pub(crate) const FROM_SYSTEM: i32 = 200;
pub(crate) const REVOKE: i32 = 2101;
pub(crate) const READ_RECEIPT: i32 = 2200;

/// These carry no `opUser`.
const WITHOUT_OPERATOR: [i32; 3] = [1503, 1504, 1510];
/// These carry no `operationTime`.
const WITHOUT_TIME: [i32; 6] = [1502, 1503, 1505, 1506, 1519, 1520];
/// Of the others, these carry the time, the rest 0.
const WITH_REAL_TIME: [i32; 2] = [1501, 1510];
/// These carry no version pair. In the others it is empty.
const WITHOUT_VERSION: [i32; 4] = [1503, 1505, 1506, 1511];
/// These also carry a version of the order.
const WITH_SORT_VERSION: [i32; 3] = [1516, 1517, 1518];
/// Group notifications that do not also appear in the chat.
const NOT_IN_CHAT: [i32; 7] = [1502, 1503, 1505, 1506, 1516, 1517, 1518];
/// Absent users get a push on their phones for these.
const PUSHED_OFFLINE: [i32; 5] = [1202, 1203, 1503, 1505, 1506];

/// A notification before it is sent. It is pushed only, unless [`Notice::stored`] says otherwise.
pub(crate) struct Notice {
    content_type: i32,
    /// Sent as a text inside the content's JSON.
    detail: Value,
    /// Stored in the `n_` conversation.
    is_stored: bool,
    /// Also appears in the chat, as a message of this type.
    is_in_chat: bool,
}

impl Notice {
    pub(crate) fn new(content_type: i32, detail: Value) -> Self {
        Self { content_type, detail, is_stored: false, is_in_chat: false }
    }

    /// Whether it is stored in the `n_` conversation, so that absent users get it later.
    pub(crate) fn stored(self, is_stored: bool) -> Self {
        Self { is_stored, ..self }
    }

    /// Whether it also appears in the chat.
    pub(crate) fn in_chat(self, is_in_chat: bool) -> Self {
        Self { is_in_chat, ..self }
    }

    /// A change of a group by `operator`; `extra` has the JSON members of this kind of change.
    pub(crate) fn of_group(model: &Model, group_id: &str, operator: &str, content_type: i32, extra: Value) -> Self {
        let mut detail = json!({});
        if !WITHOUT_TIME.contains(&content_type) {
            let is_real = WITH_REAL_TIME.contains(&content_type);
            detail["operationTime"] = if is_real { model.now_ms() } else { 0 }.into();
        }
        if let Some(group) = model.groups.get(group_id) {
            detail["group"] = json!(group.info);
            if !WITHOUT_OPERATOR.contains(&content_type) {
                detail["opUser"] = model.operator(group_id, operator);
            }
            if !WITHOUT_VERSION.contains(&content_type) {
                detail["groupMemberVersion"] = 0.into();
                detail["groupMemberVersionID"] = "".into();
            }
            if WITH_SORT_VERSION.contains(&content_type) {
                detail["groupSortVersion"] = 0.into();
            }
        }
        if let (Some(detail), Value::Object(extra)) = (detail.as_object_mut(), extra) {
            detail.extend(extra);
        }
        Self::new(content_type, detail).in_chat(!NOT_IN_CHAT.contains(&content_type))
    }

    fn message(&self, model: &Model, from: &str) -> MsgData {
        MsgData {
            send_id: from.into(),
            client_msg_id: model.fresh_id(from),
            msg_from: FROM_SYSTEM,
            content_type: self.content_type,
            content: json!({ "detail": self.detail.to_string() }).to_string().into_bytes(),
            create_time: model.now_ms(),
            options: self.options(),
            ..MsgData::default()
        }
    }

    fn options(&self) -> BTreeMap<String, bool> {
        let off = [
            options::IS_NOT_NOTIFICATION,
            options::UNREAD_COUNT,
            options::CONVERSATION_UPDATE,
            options::NOT_PRIVATE,
            options::SENDER_CONVERSATION_UPDATE,
            "reactionFromCache",
        ];
        let mut map: BTreeMap<_, _> = off.map(|name| (name.to_owned(), false)).into();
        map.insert(options::OFFLINE_PUSH.to_owned(), PUSHED_OFFLINE.contains(&self.content_type));
        map.insert(options::SENDER_SYNC.to_owned(), true);
        map.insert(options::HISTORY.to_owned(), self.is_stored);
        map.insert(options::PERSISTENT.to_owned(), self.is_stored);
        map.insert(options::IS_SEND_MSG.to_owned(), self.is_in_chat);
        map
    }
}

impl Model {
    /// The member who made a change, or an admin of the server, who is in no group.
    fn operator(&self, group_id: &str, user_id: &str) -> Value {
        let member = self.groups.get(group_id).and_then(|group| group.members.get(user_id));
        if let Some(member) = member {
            return json!(member);
        }
        let info = self.users.get(user_id).cloned().unwrap_or_default();
        json!(GroupMemberFullInfo {
            group_id: group_id.into(),
            user_id: user_id.into(),
            nickname: info.nickname,
            face_url: info.face_url,
            app_manger_level: info.app_manger_level,
            ..GroupMemberFullInfo::default()
        })
    }

    /// Notifies one user.
    pub(crate) fn notify_user(&mut self, from: &str, to: &str, notice: &Notice, operation_id: &str) {
        let msg = MsgData { recv_id: to.into(), session_type: SINGLE, ..notice.message(self, from) };
        self.store(msg, &[], operation_id);
    }

    /// Notifies the members, and `also`: users who have just left.
    pub(crate) fn notify_group(
        &mut self,
        group_id: &str,
        from: &str,
        notice: &Notice,
        also: &[String],
        operation_id: &str,
    ) {
        let msg = MsgData {
            recv_id: group_id.into(),
            group_id: group_id.into(),
            session_type: GROUP,
            ..notice.message(self, from)
        };
        self.store(msg, also, operation_id);
    }
}
