//! `/group`, requests to join.

use base::Result;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Api;
use super::page::{Page, Paged};
use super::records::GroupRequest;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Requests {
    group_requests: Vec<GroupRequest>,
    total: u64,
}

/// To the groups one may decide for.
pub async fn get_recv_group_application_list(api: &Api, me: &str, page: Page) -> Result<Paged<GroupRequest>> {
    let body = json!({ "fromUserID": me, "pagination": page });
    let answer: Requests = api.read("/group/get_recv_group_applicationList", &body).await?;
    Ok(Paged { items: answer.group_requests, total: answer.total })
}

/// One's own.
pub async fn get_user_req_group_application_list(api: &Api, me: &str, page: Page) -> Result<Paged<GroupRequest>> {
    let body = json!({ "userID": me, "pagination": page });
    let answer: Requests = api.read("/group/get_user_req_group_applicationList", &body).await?;
    Ok(Paged { items: answer.group_requests, total: answer.total })
}

/// Answers somebody's request: 1 accepts it, -1 refuses it.
pub async fn group_application_response(
    api: &Api,
    group_id: &str,
    from: &str,
    result: i32,
    message: &str,
) -> Result<()> {
    let body = json!({ "groupID": group_id, "fromUserID": from, "handledMsg": message, "handleResult": result });
    api.post::<Value>("/group/group_application_response", &body).await.map(drop)
}
