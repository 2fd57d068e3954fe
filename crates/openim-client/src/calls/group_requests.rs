//! Requests to join groups.

use base::{Result, TypeScript};
use serde::Deserialize;

use super::items::GroupApplicationItem;
use super::{Calls, Offset};
use crate::rest::page::span;
use crate::rest::requests;

const ACCEPTED: i32 = 1;
const REFUSED: i32 = -1;

/// The answer to a request to join a group.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct AnswerGroup {
    /// The group's id.
    #[serde(rename = "groupID")]
    group_id: String,
    /// The id of the user who asks.
    #[serde(rename = "fromUserID")]
    from_user_id: String,
    /// The words of the answer.
    #[serde(default)]
    handle_msg: String,
}

impl Calls {
    pub async fn accept_group_application(&self, params: AnswerGroup) -> Result<()> {
        self.answer(params, ACCEPTED).await
    }

    pub async fn refuse_group_application(&self, params: AnswerGroup) -> Result<()> {
        self.answer(params, REFUSED).await
    }

    async fn answer(&self, params: AnswerGroup, result: i32) -> Result<()> {
        let AnswerGroup { group_id, from_user_id, handle_msg } = params;
        requests::group_application_response(&self.api, &group_id, &from_user_id, result, &handle_msg).await
    }

    pub async fn get_group_application_list_as_recipient(&self, part: Offset) -> Result<Vec<GroupApplicationItem>> {
        let fetch = |page| async move {
            Ok(requests::get_recv_group_application_list(&self.api, self.me(), page).await?.items)
        };
        Ok(span(part.offset, part.count, fetch).await?.into_iter().map(Into::into).collect())
    }

    pub async fn get_group_application_list_as_applicant(&self, part: Offset) -> Result<Vec<GroupApplicationItem>> {
        let fetch = |page| async move {
            Ok(requests::get_user_req_group_application_list(&self.api, self.me(), page).await?.items)
        };
        Ok(span(part.offset, part.count, fetch).await?.into_iter().map(Into::into).collect())
    }
}
