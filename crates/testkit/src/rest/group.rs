//! `/group`, reading: groups and members.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Body, Call, Reply, bounded};
use super::page::{Held, Pagination, full_ids, incremental};
use super::some;
use crate::fault::Fault;
use crate::limits::LIST_MAX;
use crate::state::groups::Group;

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/group/get_incremental_join_groups" => call.with(body, get_incremental_join_groups),
        "/group/get_full_join_group_ids" => call.with(body, get_full_join_group_ids),
        "/group/get_joined_group_list" => call.with(body, get_joined_group_list),
        "/group/get_groups_info" => call.with(body, get_groups_info),
        "/group/get_incremental_group_members_batch" => call.with(body, get_incremental_group_members_batch),
        "/group/get_full_group_member_user_ids" => call.with(body, get_full_group_member_user_ids),
        "/group/get_group_members_info" => call.with(body, get_group_members_info),
        "/group/get_group_member_list" => call.with(body, get_group_member_list),
        _ => return None,
    })
}

fn shown<T: serde::Serialize>(thing: &T) -> Value {
    // Structs of strings and numbers: serialising them cannot fail.
    serde_json::to_value(thing).unwrap_or_default()
}

/// The group, if the caller may look into it.
fn visible<'a>(call: &'a Call<'_>, group_id: &str) -> Result<&'a Group, Fault> {
    let group = call.state.groups.get(group_id).ok_or_else(|| Fault::not_found("the group does not exist"))?;
    if group.members.contains_key(&call.me()) || call.is_admin() {
        return Ok(group);
    }
    Err(Fault::no_permission("the caller is not in the group"))
}

fn get_incremental_join_groups(call: &mut Call<'_>, asked: &Held) -> Reply {
    call.speaks_for(&asked.id)?;
    let versions = call.state.groups.joined_mut(&asked.id).clone();
    let show = |id: &String| call.state.groups.get(id).map(|group| shown(&group.info));
    let mut data = incremental(&versions, &asked.since(&versions), show);
    data["sortVersion"] = 0.into();
    some(data)
}

fn get_full_join_group_ids(call: &mut Call<'_>, asked: &Held) -> Reply {
    call.speaks_for(&asked.id)?;
    let versions = call.state.groups.joined_mut(&asked.id).clone();
    let ids = call.state.groups.of(&asked.id).map(|group| group.info.group_id.clone()).collect();
    some(full_ids(&versions, "groupIDs", ids))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct JoinedList {
    #[serde(rename = "fromUserID")]
    from_user_id: String,
    pagination: Pagination,
}

fn get_joined_group_list(call: &mut Call<'_>, asked: &JoinedList) -> Reply {
    call.speaks_for(&asked.from_user_id)?;
    let all: Vec<_> = call.state.groups.of(&asked.from_user_id).map(|group| &group.info).collect();
    let total = all.len();
    some(json!({ "total": total, "groups": asked.pagination.cut(all)? }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct GroupIds {
    #[serde(rename = "groupIDs")]
    group_ids: Vec<String>,
}

fn get_groups_info(call: &mut Call<'_>, asked: &GroupIds) -> Reply {
    if asked.group_ids.is_empty() {
        return Err(Fault::args("groupIDs is empty"));
    }
    bounded(&asked.group_ids)?;
    let infos: Vec<_> =
        asked.group_ids.iter().filter_map(|id| call.state.groups.get(id)).map(|group| &group.info).collect();
    some(json!({ "groupInfos": infos }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Batch {
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "reqList")]
    req_list: Vec<Held>,
}

/// Dismissed groups are left out, a group of strangers fails the whole call.
fn get_incremental_group_members_batch(call: &mut Call<'_>, asked: &Batch) -> Reply {
    call.speaks_for(&asked.user_id)?;
    if asked.req_list.len() > LIST_MAX {
        return Err(Fault::args("too many groups"));
    }
    let mut list = serde_json::Map::new();
    for held in &asked.req_list {
        let group = visible(call, &held.id)?;
        if group.is_dismissed() {
            continue;
        }
        let since = held.since(&group.versions);
        let changed = since.full || !(since.insert.is_empty() && since.update.is_empty() && since.delete.is_empty());
        let mut data = incremental(&group.versions, &since, |id| group.members.get(id).map(shown));
        data["group"] = if changed { shown(&group.info) } else { Value::Null };
        data["sortVersion"] = 0.into();
        list.insert(held.id.clone(), data);
    }
    some(json!({ "respList": list }))
}

fn get_full_group_member_user_ids(call: &mut Call<'_>, asked: &Held) -> Reply {
    let group = visible(call, &asked.id)?;
    some(full_ids(&group.versions, "userIDs", group.members.keys().cloned().collect()))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MembersInfo {
    #[serde(rename = "groupID")]
    group_id: String,
    #[serde(rename = "userIDs")]
    user_ids: Vec<String>,
}

fn get_group_members_info(call: &mut Call<'_>, asked: &MembersInfo) -> Reply {
    bounded(&asked.user_ids)?;
    let group = visible(call, &asked.group_id)?;
    let members: Vec<_> = asked.user_ids.iter().filter_map(|id| group.members.get(id)).collect();
    some(json!({ "members": members }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MemberList {
    #[serde(rename = "groupID")]
    group_id: String,
    pagination: Pagination,
}

/// `filter` and `keyword` are ignored, as on the real server.
fn get_group_member_list(call: &mut Call<'_>, asked: &MemberList) -> Reply {
    let group = visible(call, &asked.group_id)?;
    some(json!({ "total": group.members.len(), "members": asked.pagination.cut(group.ranked())? }))
}
