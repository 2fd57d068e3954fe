//! 1501 to 1520: groups and their members. Not every type carries every member; what is missing counts as absent.

use serde_json::{Map, Value};

use crate::message::lenient::{Lenient, Room, pick};
use crate::records::{GroupInfo, GroupMember, GroupRequest, UserInfo};

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupChange {
    Created { members: Vec<GroupMember>, owner: GroupMember },
    InfoSet,
    Applied(Box<Application>),
    Quit(GroupMember),
    Accepted(Box<Application>),
    Rejected(Box<Application>),
    OwnerTransferred { new: GroupMember, old_id: String, old: Option<GroupMember> },
    Kicked(Vec<GroupMember>),
    Invited { members: Vec<GroupMember>, inviter: Option<GroupMember> },
    Entered(GroupMember),
    Dismissed,
    MemberMuted { member: GroupMember, seconds: i64 },
    MemberUnmuted(GroupMember),
    Muted,
    Unmuted,
    MemberInfoSet(GroupMember),
    MadeAdmin(GroupMember),
    MadeOrdinary(GroupMember),
    AnnouncementSet,
    NameSet,
}

/// A request to join, or the answer to one. The server sets only some of the members.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Application {
    /// The user who called the server: the user who is to come in, or the one who invites that user. Only in 1503.
    pub applicant: UserInfo,
    /// The words of the request.
    pub message: String,
    /// The words of the answer.
    pub answer: String,
    /// Addressed to an admin of the group, not to the applicant.
    pub as_admin: bool,
    /// The same in all copies.
    pub uuid: String,
    /// The request with the user who is to come in.
    pub request: Option<GroupRequest>,
}

impl Application {
    /// The user who is to come in; without an id where the notification does not say.
    pub fn candidate(&self) -> &UserInfo {
        let of_request = self.request.as_ref().map(|request| &request.user);
        of_request.filter(|user| !user.user_id.is_empty()).unwrap_or(&self.applicant)
    }

    /// The id of the user who made the request; empty where the notification does not say.
    pub fn made_by(&self) -> &str {
        let inviter = self.request.as_ref().map_or("", |request| request.inviter_user_id.as_str());
        let maker = if inviter.is_empty() { &self.candidate().user_id } else { inviter };
        // Where both are given, they must agree.
        if self.applicant.user_id.is_empty() || self.applicant.user_id == maker { maker } else { "" }
    }
}

/// A change of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupNotice {
    pub group: GroupInfo,
    pub change: GroupChange,
    /// Absent in 1503, 1504 and 1510.
    pub op_user: Option<GroupMember>,
    /// 0 where the type has none; 1502 tells the time of a mute instead.
    pub operation_time: i64,
    /// 0 and empty where the type has no version.
    pub version: u64,
    pub version_id: String,
    /// 1516 to 1518.
    pub sort_version: u64,
}

impl GroupNotice {
    /// Whether `user_id` is no longer in the group after this.
    pub fn removes(&self, user_id: &str) -> bool {
        match &self.change {
            GroupChange::Kicked(members) => members.iter().any(|member| member.user_id == user_id),
            GroupChange::Quit(member) => member.user_id == user_id,
            GroupChange::Dismissed => true,
            _ => false,
        }
    }

    /// Who came in with this.
    pub fn joined(&self) -> &[GroupMember] {
        match &self.change {
            GroupChange::Created { members, .. } | GroupChange::Invited { members, .. } => members,
            GroupChange::Entered(member) => std::slice::from_ref(member),
            _ => &[],
        }
    }
}

pub(super) fn read(content_type: i32, value: &Value) -> Option<GroupNotice> {
    let object = value.as_object()?;
    Some(GroupNotice {
        change: change(content_type, object)?,
        group: get(object, "group"),
        op_user: get(object, "opUser"),
        operation_time: pick(object, &["operationTime", "muteTime"], Room::NONE),
        version: get(object, "groupMemberVersion"),
        version_id: get(object, "groupMemberVersionID"),
        sort_version: get(object, "groupSortVersion"),
    })
}

fn change(content_type: i32, object: &Map<String, Value>) -> Option<GroupChange> {
    Some(match content_type {
        1501 => GroupChange::Created { members: get(object, "memberList"), owner: get(object, "groupOwnerUser") },
        1502 => GroupChange::InfoSet,
        1503 => GroupChange::Applied(application(object)),
        1504 => GroupChange::Quit(get(object, "quitUser")),
        1505 => GroupChange::Accepted(application(object)),
        1506 => GroupChange::Rejected(application(object)),
        1507 => GroupChange::OwnerTransferred {
            new: get(object, "newGroupOwner"),
            old_id: get(object, "oldGroupOwner"),
            old: get(object, "oldGroupOwnerInfo"),
        },
        1508 => GroupChange::Kicked(get(object, "kickedUserList")),
        1509 => GroupChange::Invited { members: get(object, "invitedUserList"), inviter: get(object, "inviterUser") },
        1510 => GroupChange::Entered(get(object, "entrantUser")),
        1511 => GroupChange::Dismissed,
        1512 => GroupChange::MemberMuted { member: get(object, "mutedUser"), seconds: get(object, "mutedSeconds") },
        1513 => GroupChange::MemberUnmuted(get(object, "mutedUser")),
        1514 => GroupChange::Muted,
        1515 => GroupChange::Unmuted,
        1516 => GroupChange::MemberInfoSet(get(object, "changedUser")),
        1517 => GroupChange::MadeAdmin(get(object, "changedUser")),
        1518 => GroupChange::MadeOrdinary(get(object, "changedUser")),
        1519 => GroupChange::AnnouncementSet,
        1520 => GroupChange::NameSet,
        _ => return None,
    })
}

fn application(object: &Map<String, Value>) -> Box<Application> {
    Box::new(Application {
        applicant: get(object, "applicant"),
        message: get(object, "reqMsg"),
        answer: get(object, "handleMsg"),
        as_admin: get::<i64>(object, "receiverAs") == 1,
        uuid: get(object, "uuid"),
        request: get(object, "request"),
    })
}

fn get<T: Lenient + Default>(object: &Map<String, Value>, name: &str) -> T {
    pick(object, &[name], Room::NONE)
}
