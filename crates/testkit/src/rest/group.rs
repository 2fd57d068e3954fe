//! `/group`, reading: groups and members.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, bounded};
use super::page::{KnownVersion, Pagination, full_ids, incremental};
use crate::http::api::{Body, Reply, some};
use crate::limits::LIST_MAX;
use crate::model::groups::Group;
use crate::refusal::Refusal;

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
fn visible<'a>(call: &'a Call<'_>, group_id: &str) -> Result<&'a Group, Refusal> {
    let group = call.model.groups.get(group_id).ok_or_else(|| Refusal::not_found("the group does not exist"))?;
    if group.members.contains_key(&call.me()) || call.is_admin() {
        return Ok(group);
    }
    Err(Refusal::no_permission("the caller is not in the group"))
}

fn get_incremental_join_groups(call: &mut Call<'_>, params: &KnownVersion) -> Reply {
    call.speaks_for(&params.id)?;
    let versions = call.model.groups.joined_mut(&params.id).clone();
    let show = |id: &String| call.model.groups.get(id).map(|group| shown(&group.info));
    let mut data = incremental(&versions, &params.since(&versions), show);
    data["sortVersion"] = 0.into();
    some(data)
}

fn get_full_join_group_ids(call: &mut Call<'_>, params: &KnownVersion) -> Reply {
    call.speaks_for(&params.id)?;
    let versions = call.model.groups.joined_mut(&params.id).clone();
    let ids = call.model.groups.of(&params.id).map(|group| group.info.group_id.clone()).collect();
    some(full_ids(&versions, "groupIDs", ids))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct JoinedList {
    #[serde(rename = "fromUserID")]
    from_user_id: String,
    pagination: Pagination,
}

fn get_joined_group_list(call: &mut Call<'_>, params: &JoinedList) -> Reply {
    call.speaks_for(&params.from_user_id)?;
    let all: Vec<_> = call.model.groups.of(&params.from_user_id).map(|group| &group.info).collect();
    let total = all.len();
    some(json!({ "total": total, "groups": params.pagination.cut(all)? }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct GroupIds {
    #[serde(rename = "groupIDs")]
    group_ids: Vec<String>,
}

fn get_groups_info(call: &mut Call<'_>, params: &GroupIds) -> Reply {
    if params.group_ids.is_empty() {
        return Err(Refusal::args("groupIDs is empty"));
    }
    bounded(&params.group_ids)?;
    let infos: Vec<_> =
        params.group_ids.iter().filter_map(|id| call.model.groups.get(id)).map(|group| &group.info).collect();
    some(json!({ "groupInfos": infos }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Batch {
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "reqList")]
    req_list: Vec<KnownVersion>,
}

/// Dismissed groups are left out, a group of strangers fails the whole call.
fn get_incremental_group_members_batch(call: &mut Call<'_>, params: &Batch) -> Reply {
    call.speaks_for(&params.user_id)?;
    if params.req_list.len() > LIST_MAX {
        return Err(Refusal::args("too many groups"));
    }
    let mut list = serde_json::Map::new();
    for known in &params.req_list {
        let group = visible(call, &known.id)?;
        if group.is_dismissed() {
            continue;
        }
        let since = known.since(&group.versions);
        let changed = since.full || !(since.insert.is_empty() && since.update.is_empty() && since.delete.is_empty());
        let mut data = incremental(&group.versions, &since, |id| group.members.get(id).map(shown));
        data["group"] = if changed { shown(&group.info) } else { Value::Null };
        data["sortVersion"] = 0.into();
        list.insert(known.id.clone(), data);
    }
    some(json!({ "respList": list }))
}

fn get_full_group_member_user_ids(call: &mut Call<'_>, params: &KnownVersion) -> Reply {
    let group = visible(call, &params.id)?;
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

fn get_group_members_info(call: &mut Call<'_>, params: &MembersInfo) -> Reply {
    bounded(&params.user_ids)?;
    let group = visible(call, &params.group_id)?;
    let mut members: Vec<_> = params.user_ids.iter().filter_map(|id| group.members.get(id)).collect();
    call.model.shuffle(&mut members);
    some(json!({ "members": members }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MemberList {
    #[serde(rename = "groupID")]
    group_id: String,
    pagination: Pagination,
}

/// `filter` and `keyword` are ignored, as on the real server. The order inside a page differs from call to call.
fn get_group_member_list(call: &mut Call<'_>, params: &MemberList) -> Reply {
    let group = visible(call, &params.group_id)?;
    let mut page = params.pagination.cut(group.ranked())?;
    call.model.shuffle(&mut page);
    some(json!({ "total": group.members.len(), "members": page }))
}
