//! `/friend`, reading: friends and black lists.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, bounded};
use super::page::{KnownVersion, Pagination, full_ids, incremental};
use crate::http::api::{Body, Reply, some};
use crate::model::Model;
use crate::records::{FriendInfoOnly, UserInfo};

pub(super) fn route(call: &mut Call<'_>, path: &str, body: &Body) -> Option<Reply> {
    Some(match path {
        "/friend/get_incremental_friends" => call.with(body, get_incremental_friends),
        "/friend/get_full_friend_user_ids" => call.with(body, get_full_friend_user_ids),
        "/friend/get_designated_friends" => call.with(body, get_designated_friends),
        "/friend/get_friend_list" => call.with(body, get_friend_list),
        "/friend/is_friend" => call.with(body, is_friend),
        "/friend/get_black_list" => call.with(body, get_black_list),
        "/friend/get_specified_blacks" => call.with(body, get_specified_blacks),
        _ => return None,
    })
}

/// `FriendInfo`: the friendship with some of the friend's own data. Its time is in seconds, other than everywhere else.
fn shown(model: &Model, friend: &FriendInfoOnly) -> Value {
    let info = model.users.get(&friend.friend_user_id).cloned().unwrap_or_default();
    json!({
        "ownerUserID": friend.owner_user_id,
        "remark": friend.remark,
        "createTime": friend.create_time / 1000,
        "friendUser": UserInfo { create_time: 0, app_manger_level: 0, global_recv_msg_opt: 0, ..info },
        "addSource": friend.add_source,
        "operatorUserID": friend.operator_user_id,
        "ex": friend.ex,
        "isPinned": friend.is_pinned,
    })
}

fn get_incremental_friends(call: &mut Call<'_>, params: &KnownVersion) -> Reply {
    call.speaks_for(&params.id)?;
    let versions = call.model.relations.versions_mut(&params.id).clone();
    let model = &*call.model;
    let show = |id: &String| model.relations.friend(&params.id, id).map(|friend| shown(model, friend));
    let mut data = incremental(&versions, &params.since(&versions), show);
    data["sortVersion"] = 0.into();
    some(data)
}

fn get_full_friend_user_ids(call: &mut Call<'_>, params: &KnownVersion) -> Reply {
    call.speaks_for(&params.id)?;
    let versions = call.model.relations.versions_mut(&params.id).clone();
    let ids = call.model.relations.friends(&params.id).map(|friend| friend.friend_user_id.clone()).collect();
    some(full_ids(&versions, "userIDs", ids))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Designated {
    #[serde(rename = "ownerUserID")]
    owner_user_id: String,
    #[serde(rename = "friendUserIDs")]
    friend_user_ids: Vec<String>,
}

fn get_designated_friends(call: &mut Call<'_>, params: &Designated) -> Reply {
    call.speaks_for(&params.owner_user_id)?;
    bounded(&params.friend_user_ids)?;
    let model = &*call.model;
    let friends = params.friend_user_ids.iter().filter_map(|id| model.relations.friend(&params.owner_user_id, id));
    some(json!({ "friendsInfo": friends.map(|friend| shown(model, friend)).collect::<Vec<_>>() }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ListOf {
    #[serde(rename = "userID")]
    user_id: String,
    pagination: Pagination,
}

fn get_friend_list(call: &mut Call<'_>, params: &ListOf) -> Reply {
    call.speaks_for(&params.user_id)?;
    let model = &*call.model;
    let all: Vec<_> = model.relations.friends(&params.user_id).collect();
    let total = all.len();
    let page = params.pagination.cut(all)?;
    some(json!({ "friendsInfo": page.iter().map(|friend| shown(model, friend)).collect::<Vec<_>>(), "total": total }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Pair {
    #[serde(rename = "userID1")]
    first: String,
    #[serde(rename = "userID2")]
    second: String,
}

fn is_friend(call: &mut Call<'_>, params: &Pair) -> Reply {
    let knows = |owner: &str, friend: &str| call.model.relations.friend(owner, friend).is_some();
    some(json!({
        "inUser1Friends": knows(&params.first, &params.second),
        "inUser2Friends": knows(&params.second, &params.first),
    }))
}

fn get_black_list(call: &mut Call<'_>, params: &ListOf) -> Reply {
    call.speaks_for(&params.user_id)?;
    let all: Vec<_> = call.model.relations.blacks(&params.user_id).collect();
    let total = all.len();
    let page = params.pagination.cut(all)?;
    some(json!({ "blacks": blacks(call.model, &params.user_id, page), "total": total }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Specified {
    #[serde(rename = "ownerUserID")]
    owner_user_id: String,
    #[serde(rename = "userIDList")]
    user_id_list: Vec<String>,
}

fn get_specified_blacks(call: &mut Call<'_>, params: &Specified) -> Reply {
    call.speaks_for(&params.owner_user_id)?;
    bounded(&params.user_id_list)?;
    let all = call.model.relations.blacks(&params.owner_user_id);
    let found: Vec<_> = all.filter(|(id, _)| params.user_id_list.contains(id)).collect();
    let total = found.len();
    some(json!({ "blacks": blacks(call.model, &params.owner_user_id, found), "total": total }))
}

/// Null for an empty list.
fn blacks(model: &Model, owner: &str, found: Vec<(&String, i64)>) -> Option<Vec<Value>> {
    let show = |(id, since): (&String, i64)| {
        let info = model.users.get(id).cloned().unwrap_or_default();
        json!({
            "ownerUserID": owner,
            "createTime": since / 1000,
            "blackUserInfo": { "userID": id, "nickname": info.nickname, "faceURL": info.face_url, "ex": info.ex },
            "addSource": 0,
            "operatorUserID": owner,
            "ex": "",
        })
    };
    let shown: Vec<_> = found.into_iter().map(show).collect();
    (!shown.is_empty()).then_some(shown)
}
