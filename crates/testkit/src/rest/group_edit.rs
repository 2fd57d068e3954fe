//! `/group`, creating and editing: new groups, their data and owner, and their members' data.

use openim_core::wire::errcode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, bounded, set};
use super::group_access::{above, live, member, notify, owner};
use crate::config::GroupConfig;
use crate::http::api::{Body, Reply, some};
use crate::model::groups::{ADMIN, MEMBER, OWNER};
use crate::model::versions::Change;
use crate::records::GroupInfo;
use crate::refusal::{GROUP_ID_EXISTED, GROUP_TYPE_NOT_SUPPORT, Refusal};

const CREATED: i32 = 1501;
const INFO_SET: i32 = 1502;
const OWNER_TRANSFERRED: i32 = 1507;
const MEMBER_INFO_SET: i32 = 1516;
const MADE_ADMIN: i32 = 1517;
const MADE_ORDINARY: i32 = 1518;
const ANNOUNCEMENT_SET: i32 = 1519;
const NAME_SET: i32 = 1520;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/group/create_group" => call.with(body, create_group),
        "/group/set_group_info_ex" => call.with(body, set_group_info_ex),
        "/group/transfer_group" => call.with(body, transfer_group),
        "/group/set_group_member_info" => call.with(body, set_group_member_info),
        _ => return None,
    })
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct CreateParams {
    #[serde(rename = "ownerUserID")]
    owner: String,
    #[serde(rename = "memberUserIDs")]
    members: Vec<String>,
    #[serde(rename = "adminUserIDs")]
    admins: Vec<String>,
    group_info: GroupInfo,
}

fn create_group(call: &mut Call<'_>, params: &CreateParams) -> Reply {
    bounded(&params.members)?;
    bounded(&params.admins)?;
    if params.owner.is_empty() {
        return Err(Refusal::args("ownerUserID is empty"));
    }
    call.speaks_for(&params.owner)?;
    if params.group_info.group_type != 2 {
        return Err(Refusal::named(GROUP_TYPE_NOT_SUPPORT, "GroupTypeNotSupport"));
    }
    let members: Vec<String> =
        std::iter::once(&params.owner).chain(&params.members).chain(&params.admins).cloned().collect();
    let distinct: std::collections::BTreeSet<_> = members.iter().collect();
    if distinct.len() != members.len() {
        return Err(Refusal::args("a member is named twice"));
    }
    for id in &members {
        call.known_user(id)?;
    }
    let group_id = match params.group_info.group_id.as_str() {
        "" => fresh_group_id(call),
        given => given.to_owned(),
    };
    if call.model.groups.get(&group_id).is_some() {
        return Err(Refusal::named(GROUP_ID_EXISTED, "GroupIDExistedError"));
    }
    let now = call.model.now_ms();
    let config = GroupConfig {
        group_id: group_id.clone(),
        name: params.group_info.group_name.clone(),
        members,
        admins: params.admins.clone(),
    };
    call.model.groups.add(&config, &call.model.users, now);
    if let Some(group) = call.model.groups.get_mut(&group_id) {
        let wanted = &params.group_info;
        group.info.notification.clone_from(&wanted.notification);
        group.info.introduction.clone_from(&wanted.introduction);
        group.info.face_url.clone_from(&wanted.face_url);
        group.info.ex.clone_from(&wanted.ex);
        group.info.need_verification = wanted.need_verification;
        group.info.look_member_info = wanted.look_member_info;
        group.info.apply_member_friend = wanted.apply_member_friend;
    }
    let group = live(call, &group_id)?;
    let info = json!(group.info);
    let extra = json!({
        "memberList": group.ranked(), "groupOwnerUser": member(group, &params.owner),
    });
    notify(call, &group_id, CREATED, extra, &[]);
    if !params.group_info.notification.is_empty() {
        notify(call, &group_id, ANNOUNCEMENT_SET, json!({}), &[]);
    }
    some(json!({ "groupInfo": info }))
}

/// A new group id: decimal, as the real server's.
fn fresh_group_id(call: &Call<'_>) -> String {
    let hex = call.model.fresh_id("group");
    let number = u32::from_str_radix(hex.get(..8).unwrap_or_default(), 16).unwrap_or_default();
    (1_000_000_000 + u64::from(number)).to_string()
}

/// The new data of a group. Missing members stay unchanged.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct GroupChanges {
    #[serde(rename = "groupID")]
    group_id: String,
    group_name: Option<String>,
    notification: Option<String>,
    introduction: Option<String>,
    #[serde(rename = "faceURL")]
    face_url: Option<String>,
    ex: Option<String>,
    need_verification: Option<i32>,
    look_member_info: Option<i32>,
    apply_member_friend: Option<i32>,
}

/// A new name and a new announcement have their own notifications; all other changes share one.
fn set_group_info_ex(call: &mut Call<'_>, params: &GroupChanges) -> Reply {
    above(call, live(call, &params.group_id)?, MEMBER)?;
    let (me, now) = (call.me(), call.model.now_ms());
    if params.group_name.as_deref() == Some("") {
        return Err(Refusal::args("group name is empty"));
    }
    let Some(group) = call.model.groups.get_mut(&params.group_id) else { return Ok(None) };
    let info = &mut group.info;
    let before = info.clone();
    set(&mut info.introduction, &params.introduction);
    set(&mut info.face_url, &params.face_url);
    set(&mut info.ex, &params.ex);
    set(&mut info.need_verification, &params.need_verification);
    set(&mut info.look_member_info, &params.look_member_info);
    set(&mut info.apply_member_friend, &params.apply_member_friend);
    let others_changed = *info != before;
    set(&mut info.group_name, &params.group_name);
    set(&mut info.notification, &params.notification);
    if params.notification.is_some() {
        info.notification_user_id = me;
        info.notification_update_time = now;
    }
    let members: Vec<String> = group.members.keys().cloned().collect();
    for id in members {
        call.model.groups.joined_mut(&id).note(&params.group_id, Change::Update);
    }
    if params.notification.is_some() {
        notify(call, &params.group_id, ANNOUNCEMENT_SET, json!({}), &[]);
    }
    if params.group_name.is_some() {
        notify(call, &params.group_id, NAME_SET, json!({}), &[]);
    }
    if others_changed {
        notify(call, &params.group_id, INFO_SET, json!({ "muteTime": 0 }), &[]);
    }
    Ok(None)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct TransferParams {
    #[serde(rename = "groupID")]
    group_id: String,
    #[serde(rename = "oldOwnerUserID")]
    old: String,
    #[serde(rename = "newOwnerUserID")]
    new: String,
}

fn transfer_group(call: &mut Call<'_>, params: &TransferParams) -> Reply {
    let group = live(call, &params.group_id)?;
    owner(call, group)?;
    if group.role(&params.old) != Some(OWNER) || group.role(&params.new).is_none() || params.old == params.new {
        return Err(Refusal::args("oldOwnerUserID owns the group, newOwnerUserID is another member"));
    }
    if let Some(group) = call.model.groups.get_mut(&params.group_id) {
        for (id, role) in [(&params.old, MEMBER), (&params.new, OWNER)] {
            if let Some(member) = group.members.get_mut(id) {
                member.role_level = role;
            }
            group.touch(id, Change::Update);
        }
        group.info.owner_user_id.clone_from(&params.new);
    }
    let group = live(call, &params.group_id)?;
    let extra = json!({
        "newGroupOwner": member(group, &params.new), "oldGroupOwner": params.old,
        "oldGroupOwnerInfo": member(group, &params.old),
    });
    notify(call, &params.group_id, OWNER_TRANSFERRED, extra, &[]);
    Ok(None)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SetMembers {
    members: Vec<MemberChanges>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct MemberChanges {
    #[serde(rename = "groupID")]
    group_id: String,
    #[serde(rename = "userID")]
    user_id: String,
    nickname: Option<String>,
    #[serde(rename = "faceURL")]
    face_url: Option<String>,
    ex: Option<String>,
    role_level: Option<i32>,
}

fn set_group_member_info(call: &mut Call<'_>, params: &SetMembers) -> Reply {
    if params.members.is_empty() || params.members.len() > crate::limits::LIST_MAX {
        return Err(Refusal::args("members is empty or too long"));
    }
    for change in &params.members {
        may_set(call, change)?;
    }
    for change in &params.members {
        set_member(call, change)?;
    }
    Ok(None)
}

/// Checks one change: everybody may change the own data, admins that of ordinary members, and only the owner roles.
fn may_set(call: &Call<'_>, change: &MemberChanges) -> Result<(), Refusal> {
    let group = live(call, &change.group_id)?;
    let rank = group.role(&change.user_id).ok_or_else(|| Refusal::new(errcode::NOT_IN_GROUP_YET, ""))?;
    if let Some(role) = change.role_level {
        if !matches!(role, ADMIN | MEMBER) || rank == OWNER {
            return Err(Refusal::args("roleLevel is 20 or 60, and the owner keeps the own one"));
        }
        if group.role(&call.me()) != Some(OWNER) && !call.is_admin() {
            return Err(Refusal::no_permission("only the owner changes roles"));
        }
    }
    if change.user_id == call.me() { Ok(()) } else { above(call, group, rank) }
}

fn set_member(call: &mut Call<'_>, change: &MemberChanges) -> Result<(), Refusal> {
    if let Some(group) = call.model.groups.get_mut(&change.group_id) {
        if let Some(member) = group.members.get_mut(&change.user_id) {
            set(&mut member.nickname, &change.nickname);
            set(&mut member.face_url, &change.face_url);
            set(&mut member.ex, &change.ex);
            set(&mut member.role_level, &change.role_level);
        }
        group.touch(&change.user_id, Change::Update);
    }
    let changed: Value = member(live(call, &change.group_id)?, &change.user_id);
    let content_type = match change.role_level {
        Some(ADMIN) => MADE_ADMIN,
        Some(_) => MADE_ORDINARY,
        None => MEMBER_INFO_SET,
    };
    notify(call, &change.group_id, content_type, json!({ "changedUser": changed }), &[]);
    Ok(())
}
