//! Users: oneself, others, and who is online.

use base::Result;
use channel::message::Sender;

use super::items::{SelfUserInfo, UserOnlineState};
use super::{Calls, Nothing, unknown};
use crate::rest::users::{self, UserChange};
use crate::self_state::Profile;

impl Calls {
    pub async fn get_self_user_info(&self, _: Nothing) -> Result<SelfUserInfo> {
        let found = users::get_users_info(&self.api, &[self.me().to_owned()]).await?;
        found.into_iter().next().ok_or_else(|| unknown("user"))
    }

    /// Keeps the name and picture that sent messages carry: asks now, and whenever the server reports a change. Without an
    /// answer messages go out without a name, as the server allows.
    pub async fn follow_self(&self) -> std::convert::Infallible {
        loop {
            if let Ok(me) = self.get_self_user_info(Nothing).await {
                *self.own.profile.lock() = Profile { nickname: me.nickname, face_url: me.face_url };
            }
            self.own.changed.notified().await;
        }
    }

    /// How the account's messages name their sender now.
    pub fn own_sender(&self) -> Sender {
        let Profile { nickname, face_url } = self.own.profile.lock().clone();
        Sender { id: self.me().to_owned(), name: nickname, face: face_url, platform: self.login.platform_id }
    }

    pub async fn set_self_info(&self, change: UserChange) -> Result<()> {
        users::update_user_info_ex(&self.api, self.me(), &change).await
    }

    pub async fn get_users_info(&self, ids: Vec<String>) -> Result<Vec<SelfUserInfo>> {
        users::get_users_info(&self.api, &ids).await
    }

    pub async fn subscribe_users_status(&self, ids: Vec<String>) -> Result<Vec<UserOnlineState>> {
        let requests = self.socket()?;
        self.presence.subscribe(&requests, ids).await
    }

    pub async fn unsubscribe_users_status(&self, ids: Vec<String>) -> Result<()> {
        let requests = self.socket()?;
        self.presence.unsubscribe(&requests, ids).await
    }

    pub async fn get_subscribe_users_status(&self, _: Nothing) -> Result<Vec<UserOnlineState>> {
        Ok(self.presence.all())
    }
}
