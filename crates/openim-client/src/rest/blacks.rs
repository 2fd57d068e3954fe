//! `/friend`, the black list: whose messages are refused.

use base::Result;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Api;
use super::page::{Page, Paged};
use super::records::BlackInfo;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Blacks {
    blacks: Vec<BlackInfo>,
    total: u64,
}

pub async fn add_black(api: &Api, me: &str, user: &str, ex: &str) -> Result<()> {
    let body = json!({ "ownerUserID": me, "blackUserID": user, "ex": ex });
    api.post::<Value>("/friend/add_black", &body).await.map(drop)
}

pub async fn remove_black(api: &Api, me: &str, user: &str) -> Result<()> {
    let body = json!({ "ownerUserID": me, "blackUserID": user });
    api.post::<Value>("/friend/remove_black", &body).await.map(drop)
}

pub async fn get_black_list(api: &Api, me: &str, page: Page) -> Result<Paged<BlackInfo>> {
    let answer: Blacks = api.read("/friend/get_black_list", &json!({ "userID": me, "pagination": page })).await?;
    Ok(Paged { items: answer.blacks, total: answer.total })
}

/// Those of the ids that are on the list.
pub async fn get_specified_blacks(api: &Api, me: &str, ids: &[String]) -> Result<Vec<BlackInfo>> {
    let body = json!({ "ownerUserID": me, "userIDList": ids });
    Ok(api.read::<Blacks>("/friend/get_specified_blacks", &body).await?.blacks)
}
