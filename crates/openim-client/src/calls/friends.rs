//! Friends, and requests to become one.

use std::collections::HashSet;

use base::{Result, TypeScript};
use serde::Deserialize;

use super::items::{FriendApplicationItem, FriendUserItem, FriendshipInfo};
use super::{Calls, Nothing, Offset};
use crate::limits::{PAGE_ITEMS_MAX, WHOLE_LIST_PAGES};
use crate::rest::friends::{self, FriendChange};
use crate::rest::page::span;

/// Answers to a request.
const ACCEPTED: i32 = 1;
const REFUSED: i32 = -1;

/// A request to become friends.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct AddFriend {
    /// The other user's id.
    #[serde(rename = "toUserID")]
    to_user_id: String,
    /// Words for the user who is asked.
    #[serde(default)]
    req_msg: String,
    /// Free text for applications.
    #[serde(default)]
    ex: String,
}

/// The answer to a request to become friends.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct AnswerFriend {
    /// The id of the user who asked.
    #[serde(rename = "toUserID")]
    to_user_id: String,
    /// The words of the answer.
    #[serde(default)]
    handle_msg: String,
}

/// The friends to change, and how.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct UpdateFriends {
    /// The ids of the friends.
    #[serde(rename = "friendUserIDs")]
    ids: Vec<String>,
    /// The members to change.
    #[serde(flatten)]
    change: FriendChange,
}

/// The name to give a friend, as SDKs before `updateFriends` take it.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct SetRemark {
    /// The other user's id.
    #[serde(rename = "toUserID", alias = "friendUserID")]
    to_user_id: String,
    /// The name that the owner of the list gave this user.
    remark: String,
}

impl Calls {
    pub async fn add_friend(&self, params: AddFriend) -> Result<()> {
        friends::add_friend(&self.api, self.me(), &params.to_user_id, &params.req_msg, &params.ex).await
    }

    pub async fn accept_friend_application(&self, params: AnswerFriend) -> Result<()> {
        let AnswerFriend { to_user_id, handle_msg } = params;
        friends::add_friend_response(&self.api, self.me(), &to_user_id, ACCEPTED, &handle_msg).await
    }

    pub async fn refuse_friend_application(&self, params: AnswerFriend) -> Result<()> {
        let AnswerFriend { to_user_id, handle_msg } = params;
        friends::add_friend_response(&self.api, self.me(), &to_user_id, REFUSED, &handle_msg).await
    }

    pub async fn delete_friend(&self, user_id: String) -> Result<()> {
        friends::delete_friend(&self.api, self.me(), &user_id).await
    }

    pub async fn check_friend(&self, ids: Vec<String>) -> Result<Vec<FriendshipInfo>> {
        let found = friends::get_designated_friends(&self.api, self.me(), &ids).await?;
        let found: HashSet<_> = found.into_iter().map(|friend| friend.friend_user.user_id).collect();
        let result = |id: String| FriendshipInfo { result: i32::from(found.contains(&id)), user_id: id };
        Ok(ids.into_iter().map(result).collect())
    }

    pub async fn get_specified_friends_info(&self, ids: Vec<String>) -> Result<Vec<FriendUserItem>> {
        let found = friends::get_designated_friends(&self.api, self.me(), &ids).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    pub async fn get_friend_list_page(&self, part: Offset) -> Result<Vec<FriendUserItem>> {
        let fetch = |page| async move { Ok(friends::get_friend_list(&self.api, self.me(), page).await?.items) };
        Ok(span(part.offset, part.count, fetch).await?.into_iter().map(Into::into).collect())
    }

    pub async fn get_friend_application_list_as_recipient(&self, part: Offset) -> Result<Vec<FriendApplicationItem>> {
        let fetch = |page| async move { Ok(friends::get_friend_apply_list(&self.api, self.me(), page).await?.items) };
        span(part.offset, part.count, fetch).await
    }

    pub async fn get_friend_application_list_as_applicant(&self, part: Offset) -> Result<Vec<FriendApplicationItem>> {
        let fetch =
            |page| async move { Ok(friends::get_self_friend_apply_list(&self.api, self.me(), page).await?.items) };
        span(part.offset, part.count, fetch).await
    }

    pub async fn update_friends(&self, params: UpdateFriends) -> Result<()> {
        friends::update_friends(&self.api, self.me(), &params.ids, &params.change).await
    }

    pub async fn set_friend_remark(&self, params: SetRemark) -> Result<()> {
        let change = FriendChange { remark: Some(params.remark), ..FriendChange::default() };
        friends::update_friends(&self.api, self.me(), &[params.to_user_id], &change).await
    }

    // ---- names of older SDKs

    pub async fn add_friend_v2(&self, params: AddFriend) -> Result<()> {
        self.add_friend(params).await
    }

    pub async fn apply_friend(&self, params: AddFriend) -> Result<()> {
        self.add_friend(params).await
    }

    pub async fn get_friend_list(&self, _: Nothing) -> Result<Vec<FriendUserItem>> {
        let mut friends = Vec::new();
        for page in 0..WHOLE_LIST_PAGES {
            let part = Offset { offset: page * PAGE_ITEMS_MAX, count: PAGE_ITEMS_MAX };
            let found = self.get_friend_list_page(part).await?;
            let is_last = found.len() < PAGE_ITEMS_MAX as usize;
            friends.extend(found);
            if is_last {
                break;
            }
        }
        Ok(friends)
    }

    pub async fn get_friend_application_list(&self, _: Nothing) -> Result<Vec<FriendApplicationItem>> {
        self.get_friend_application_list_as_recipient(NEWEST).await
    }

    pub async fn get_recv_friend_application_list(&self, _: Nothing) -> Result<Vec<FriendApplicationItem>> {
        self.get_friend_application_list_as_recipient(NEWEST).await
    }

    pub async fn get_send_friend_application_list(&self, _: Nothing) -> Result<Vec<FriendApplicationItem>> {
        self.get_friend_application_list_as_applicant(NEWEST).await
    }
}

/// The first page, for code that knows no pages.
const NEWEST: Offset = Offset { offset: 0, count: PAGE_ITEMS_MAX };
