//! The registered users.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::records::UserInfo;

/// `appMangerLevel`. It is 0 for people.
pub(crate) const LEVEL_USER: i32 = 0;
pub(crate) const LEVEL_ADMIN: i32 = 2;
pub(crate) const LEVEL_NOTIFICATION: i32 = 3;

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Users(BTreeMap<String, User>);

#[derive(Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) info: UserInfo,
    /// The number of accepted handshakes.
    pub(crate) logins: u64,
}

impl Users {
    /// Adds a user. False if the id is taken.
    pub(crate) fn add(&mut self, user_id: &str, nickname: &str, level: i32, now_ms: i64) -> bool {
        if self.0.contains_key(user_id) {
            return false;
        }
        let nickname = if nickname.is_empty() { user_id } else { nickname };
        let info = UserInfo {
            user_id: user_id.into(),
            nickname: nickname.into(),
            create_time: now_ms,
            app_manger_level: level,
            ..UserInfo::default()
        };
        self.0.insert(user_id.into(), User { info, logins: 0 });
        true
    }

    pub(crate) fn exists(&self, user_id: &str) -> bool {
        self.0.contains_key(user_id)
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    pub(crate) fn get(&self, user_id: &str) -> Option<&UserInfo> {
        self.0.get(user_id).map(|user| &user.info)
    }

    pub(crate) fn get_mut(&mut self, user_id: &str) -> Option<&mut User> {
        self.0.get_mut(user_id)
    }

    pub(crate) fn logins(&self, user_id: &str) -> u64 {
        self.0.get(user_id).map_or(0, |user| user.logins)
    }
}
