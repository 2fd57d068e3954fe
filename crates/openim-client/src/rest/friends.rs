//! `/friend`: friends and requests to become one.

use base::{Result, TypeScript};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Api;
use super::page::{Page, Paged};
use super::records::{FriendInfo, FriendRequest};
use crate::limits::IDS_AT_ONCE;

/// What may be changed of friendships; what is none stays as it is.
#[derive(Clone, Default, Serialize, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase", default)]
#[ts(inline, input)]
pub struct FriendChange {
    /// The name that the owner of the list gave this user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Whether it is pinned to the top of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_pinned: Option<bool>,
    /// Free text for applications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ex: Option<String>,
}

/// One page of a user's friends, or some of them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Friends {
    friends_info: Vec<FriendInfo>,
    total: u64,
}

/// The server writes the list's name in two ways.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Requests {
    #[serde(rename = "friendRequests", alias = "FriendRequests")]
    requests: Vec<FriendRequest>,
    total: u64,
}

pub async fn add_friend(api: &Api, me: &str, to: &str, message: &str, ex: &str) -> Result<()> {
    let body = json!({ "fromUserID": me, "toUserID": to, "reqMsg": message, "ex": ex });
    api.post::<Value>("/friend/add_friend", &body).await.map(drop)
}

/// Answers somebody's request: 1 accepts it, -1 refuses it.
pub async fn add_friend_response(api: &Api, me: &str, from: &str, result: i32, message: &str) -> Result<()> {
    let body = json!({ "fromUserID": from, "toUserID": me, "handleResult": result, "handleMsg": message });
    api.post::<Value>("/friend/add_friend_response", &body).await.map(drop)
}

/// Requests that were received.
pub async fn get_friend_apply_list(api: &Api, me: &str, page: Page) -> Result<Paged<FriendRequest>> {
    requests(api, "/friend/get_friend_apply_list", me, page).await
}

/// Requests that were made.
pub async fn get_self_friend_apply_list(api: &Api, me: &str, page: Page) -> Result<Paged<FriendRequest>> {
    requests(api, "/friend/get_self_friend_apply_list", me, page).await
}

async fn requests(api: &Api, path: &str, me: &str, page: Page) -> Result<Paged<FriendRequest>> {
    let answer: Requests = api.read(path, &json!({ "userID": me, "pagination": page })).await?;
    Ok(Paged { items: answer.requests, total: answer.total })
}

pub async fn get_friend_list(api: &Api, me: &str, page: Page) -> Result<Paged<FriendInfo>> {
    let answer: Friends = api.read("/friend/get_friend_list", &json!({ "userID": me, "pagination": page })).await?;
    Ok(Paged { items: answer.friends_info, total: answer.total })
}

/// Those of the ids that are friends.
pub async fn get_designated_friends(api: &Api, me: &str, ids: &[String]) -> Result<Vec<FriendInfo>> {
    let mut friends = Vec::new();
    for ids in ids.chunks(IDS_AT_ONCE) {
        let body = json!({ "ownerUserID": me, "friendUserIDs": ids });
        friends.extend(api.read::<Friends>("/friend/get_designated_friends", &body).await?.friends_info);
    }
    Ok(friends)
}

pub async fn delete_friend(api: &Api, me: &str, friend: &str) -> Result<()> {
    let body = json!({ "ownerUserID": me, "friendUserID": friend });
    api.post::<Value>("/friend/delete_friend", &body).await.map(drop)
}

pub async fn update_friends(api: &Api, me: &str, ids: &[String], change: &FriendChange) -> Result<()> {
    let mut body = serde_json::to_value(change).unwrap_or_default();
    body["ownerUserID"] = me.into();
    body["friendUserIDs"] = ids.into();
    api.post::<Value>("/friend/update_friends", &body).await.map(drop)
}
