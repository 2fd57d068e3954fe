//! Groups: who came, who went, what changed, and who asks to come in.

use serde_json::{Value, json};

use super::{ClientEvent, Context, Ignored, belongs};
use crate::conversation;
use crate::limits::ID_MAX;
use crate::message::lenient::Lenient as _;
use crate::message::notice::Notice;
use crate::message::notice::group::{Application, GroupChange, GroupNotice};
use crate::records::GroupMember;
use crate::wire::pb::MsgData;

pub(super) fn read(notice: &GroupNotice, message: &MsgData, context: Context<'_>) -> Result<Vec<ClientEvent>, Ignored> {
    let in_group = belongs(&conversation::group(&notice.group.group_id), context.conversation);
    if let Some(event) = application(notice, message, in_group, context)? {
        return Ok(vec![event]);
    }
    if !in_group {
        return Err(Ignored::Misplaced);
    }
    let group = || notice.group.write().unwrap_or_default();
    let me = |member: &GroupMember| member.user_id == context.self_id;
    let came = |member: &GroupMember| match me(member) {
        true => ClientEvent::new("OnJoinedGroupAdded", group()),
        false => of_member("OnGroupMemberAdded", member),
    };
    let went = |member: &GroupMember| match me(member) {
        true => ClientEvent::new("OnJoinedGroupDeleted", group()),
        false => of_member("OnGroupMemberDeleted", member),
    };
    Ok(match &notice.change {
        // Everybody in it is new to it: the group itself is the news.
        GroupChange::Created { .. } => vec![ClientEvent::new("OnJoinedGroupAdded", group())],
        GroupChange::Invited { members, .. } => members.iter().map(came).collect(),
        GroupChange::Entered(member) => vec![came(member)],
        GroupChange::Kicked(members) => members.iter().map(went).collect(),
        GroupChange::Quit(member) => vec![went(member)],
        GroupChange::Dismissed => vec![ClientEvent::new("OnGroupDismissed", group())],
        GroupChange::InfoSet
        | GroupChange::AnnouncementSet
        | GroupChange::NameSet
        | GroupChange::Muted
        | GroupChange::Unmuted => vec![ClientEvent::new(INFO_CHANGED, group())],
        GroupChange::OwnerTransferred { new, old, .. } => {
            let members = [Some(new), old.as_ref()].into_iter().flatten();
            let mut events = vec![ClientEvent::new(INFO_CHANGED, group())];
            events.extend(members.map(|member| of_member(MEMBER_CHANGED, member)));
            events
        }
        GroupChange::MemberMuted { member, .. }
        | GroupChange::MemberUnmuted(member)
        | GroupChange::MemberInfoSet(member)
        | GroupChange::MadeAdmin(member)
        | GroupChange::MadeOrdinary(member) => vec![of_member(MEMBER_CHANGED, member)],
        GroupChange::Applied(_) | GroupChange::Accepted(_) | GroupChange::Rejected(_) => Vec::new(),
    })
}

const INFO_CHANGED: &str = "OnGroupInfoChanged";
const MEMBER_CHANGED: &str = "OnGroupMemberInfoChanged";

fn of_member(name: &'static str, member: &GroupMember) -> ClientEvent {
    ClientEvent::new(name, member.write().unwrap_or_default())
}

/// The id that all copies of a request or of its answer share: the server writes each copy to another receiver.
pub(super) fn common_id(notice: &Notice, message: &MsgData) -> Option<String> {
    let Notice::Group(notice) = notice else { return None };
    let (GroupChange::Applied(application) | GroupChange::Accepted(application) | GroupChange::Rejected(application)) =
        &notice.change
    else {
        return None;
    };
    let uuid = &application.uuid;
    let is_usable = !uuid.is_empty() && uuid.len() <= ID_MAX;
    // With the sender, so that nobody can take the place of another person's request.
    is_usable.then(|| format!("{} {} {uuid}", message.content_type, message.send_id))
}

/// A request to join, or the answer to one. Both also come between two people. A request is made by its sender, for the
/// sender or for a person whom the sender invites.
fn application(
    notice: &GroupNotice,
    message: &MsgData,
    in_group: bool,
    context: Context<'_>,
) -> Result<Option<ClientEvent>, Ignored> {
    let (name, application, result) = match &notice.change {
        GroupChange::Applied(application) => ("OnGroupApplicationAdded", application, 0),
        GroupChange::Accepted(application) => ("OnGroupApplicationAccepted", application, 1),
        GroupChange::Rejected(application) => ("OnGroupApplicationRejected", application, -1),
        _ => return Ok(None),
    };
    if result == 0 && (message.send_id.is_empty() || application.made_by() != message.send_id) {
        return Err(Ignored::Misplaced);
    }
    if !in_group && !conversation::is_notification(context.conversation) {
        return Err(Ignored::Misplaced);
    }
    Ok(Some(ClientEvent::new(name, item(notice, application, result))))
}

/// The request as the lists of requests show it.
fn item(notice: &GroupNotice, application: &Application, result: i32) -> Value {
    let group = &notice.group;
    let request = application.request.clone().unwrap_or_default();
    let user = application.candidate();
    let first = |own: &String, other: &String| if own.is_empty() { other.clone() } else { own.clone() };
    json!({
        "groupID": group.group_id,
        "groupName": group.group_name,
        "groupFaceURL": group.face_url,
        "groupType": group.group_type,
        "notification": group.notification,
        "introduction": group.introduction,
        "createTime": group.create_time,
        "creatorUserID": group.creator_user_id,
        "ownerUserID": group.owner_user_id,
        "memberCount": group.member_count,
        "status": group.status,
        "userID": user.user_id,
        "nickname": user.nickname,
        "userFaceURL": user.face_url,
        "reqMsg": first(&application.message, &request.req_msg),
        "reqTime": request.req_time,
        "joinSource": request.join_source,
        "inviterUserID": request.inviter_user_id,
        "handleResult": result,
        "handleUserID": first(&request.handle_user_id, &notice.op_user.clone().unwrap_or_default().user_id),
        "handledMsg": first(&application.answer, &request.handle_msg),
        "handledTime": request.handle_time,
        "ex": request.ex,
    })
}
