//! The black list.

use base::{Result, TypeScript};
use serde::Deserialize;

use super::items::BlackUserItem;
use super::{Calls, Offset};
use crate::rest::blacks;
use crate::rest::page::span;

/// The user to block. Older SDKs pass the id alone.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum AddBlack {
    Id(String),
    Params(BlockUser),
}

/// The user to block.
#[derive(Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
#[ts(inline, input)]
pub struct BlockUser {
    /// The user's id.
    #[serde(rename = "toUserID")]
    to_user_id: String,
    /// Free text for applications.
    #[serde(default)]
    ex: String,
}

impl TypeScript for AddBlack {
    fn expression() -> String {
        format!("string | {}", BlockUser::expression())
    }
}

impl Calls {
    pub async fn add_black(&self, params: AddBlack) -> Result<()> {
        let (id, ex) = match params {
            AddBlack::Id(id) => (id, String::new()),
            AddBlack::Params(BlockUser { to_user_id, ex }) => (to_user_id, ex),
        };
        blacks::add_black(&self.api, self.me(), &id, &ex).await
    }

    pub async fn remove_black(&self, user_id: String) -> Result<()> {
        blacks::remove_black(&self.api, self.me(), &user_id).await
    }

    pub async fn get_black_list(&self, part: Offset) -> Result<Vec<BlackUserItem>> {
        let fetch = |page| async move { Ok(blacks::get_black_list(&self.api, self.me(), page).await?.items) };
        Ok(span(part.offset, part.count, fetch).await?.into_iter().map(Into::into).collect())
    }
}
