//! Whether a group's notification says that a user came into the group or left it. A notification is no proof: anybody can
//! write one by hand. Callers only ask the server on its account.

use crate::message::notice::group::GroupChange;
use crate::message::notice::{self, Notice};
use crate::wire::pb::MsgData;

/// A change of one user's membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Membership {
    /// The user came in.
    Joined,
    /// The user left or was removed.
    Left,
}

/// Kinds of notifications that tell of people who come or go.
const CHANGES: [i32; 6] = [1501, 1504, 1505, 1508, 1509, 1510];

/// What a message in a group's chat says about the membership of `user_id`.
pub(crate) fn change(message: &MsgData, user_id: &str) -> Option<Membership> {
    if !CHANGES.contains(&message.content_type) {
        return None;
    }
    let Notice::Group(notice) = notice::parse(message.content_type, &message.content) else { return None };
    if notice.removes(user_id) {
        return Some(Membership::Left);
    }
    let is_accepted = match &notice.change {
        GroupChange::Accepted(application) => {
            let request = application.request.as_ref();
            application.applicant.user_id == user_id || request.is_some_and(|request| request.user.user_id == user_id)
        }
        _ => notice.joined().iter().any(|member| member.user_id == user_id),
    };
    is_accepted.then_some(Membership::Joined)
}

/// The group of a group's chat.
pub(crate) fn group_of(conversation: &str) -> Option<&str> {
    conversation.strip_prefix("sg_")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn notice(content_type: i32, detail: &Value) -> MsgData {
        let content = json!({ "detail": detail.to_string() }).to_string().into_bytes();
        MsgData { content_type, content, ..MsgData::default() }
    }

    #[test]
    fn notices_that_name_a_user_say_whether_he_came_or_left() {
        let cases = [
            (1501, json!({"group": {"groupID": "g"}, "memberList": [{"userID": "bot"}]}), Some(Membership::Joined)),
            (
                1509,
                json!({"group": {"groupID": "g"}, "invitedUserList": [{"userID": "bot"}]}),
                Some(Membership::Joined),
            ),
            (1510, json!({"group": {"groupID": "g"}, "entrantUser": {"userID": "bot"}}), Some(Membership::Joined)),
            (1505, json!({"group": {"groupID": "g"}, "applicant": {"userID": "bot"}}), Some(Membership::Joined)),
            (1508, json!({"group": {"groupID": "g"}, "kickedUserList": [{"userID": "bot"}]}), Some(Membership::Left)),
            (1504, json!({"group": {"groupID": "g"}, "quitUser": {"userID": "bot"}}), Some(Membership::Left)),
            (1509, json!({"group": {"groupID": "g"}, "invitedUserList": [{"userID": "alice"}]}), None),
            (1519, json!({"group": {"groupID": "g"}}), None),
        ];
        for (content_type, detail, expected) in cases {
            assert_eq!(change(&notice(content_type, &detail), "bot"), expected, "{content_type} {detail}");
        }
        assert_eq!(change(&MsgData { content_type: 1509, content: b"{".to_vec(), ..MsgData::default() }, "bot"), None);
    }
}
