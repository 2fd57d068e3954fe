//! The black list.

use base::Result;
use serde::Deserialize;

use super::items::BlackUserItem;
use super::{Calls, Offset};
use crate::rest::blacks;
use crate::rest::page::span;

/// Older SDKs pass the id alone.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum AddBlack {
    Id(String),
    Params {
        #[serde(rename = "toUserID")]
        to_user_id: String,
        #[serde(default)]
        ex: String,
    },
}

impl Calls {
    pub async fn add_black(&self, params: AddBlack) -> Result<()> {
        let (id, ex) = match params {
            AddBlack::Id(id) => (id, String::new()),
            AddBlack::Params { to_user_id, ex } => (to_user_id, ex),
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
