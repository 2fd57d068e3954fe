//! Who of those one asked about is online. The server pushes changes to the connection that asked; a new connection
//! asks again.

use std::collections::BTreeMap;
use std::convert::Infallible;

use base::{Error, Kind, Result};
use openim_core::wire::pb::{SubUserOnlineStatus, SubUserOnlineStatusTips};
use openim_core::wire::{envelope, ops};
use parking_lot::Mutex;

use super::items::UserOnlineState;
use crate::limits::{IDS_AT_ONCE, SUBSCRIPTIONS_MAX};
use crate::requests::Requests;

/// The users asked about, with the platforms they are online on.
#[derive(Default)]
pub struct Presence(Mutex<BTreeMap<String, Vec<i32>>>);

impl Presence {
    pub(crate) async fn subscribe(&self, requests: &Requests, ids: Vec<String>) -> Result<Vec<UserOnlineState>> {
        {
            let mut known = self.0.lock();
            let new = ids.iter().filter(|id| !known.contains_key(*id)).count();
            if known.len() + new > SUBSCRIPTIONS_MAX {
                let text = format!("at most {SUBSCRIPTIONS_MAX} users can be subscribed to; unsubscribe some first");
                return Err(Error::new(Kind::Backpressure, text));
            }
            for id in &ids {
                known.entry(id.clone()).or_default();
            }
        }
        self.ask(requests, &ids).await?;
        let known = self.0.lock();
        Ok(ids.iter().filter_map(|id| known.get(id).map(|platforms| state(id, platforms))).collect())
    }

    pub(crate) async fn unsubscribe(&self, requests: &Requests, ids: Vec<String>) -> Result<()> {
        for id in &ids {
            self.0.lock().remove(id);
        }
        for ids in ids.chunks(IDS_AT_ONCE) {
            let request = SubUserOnlineStatus { unsubscribe_user_id: ids.to_vec(), ..Default::default() };
            requests.ask(ops::SUB_USER_ONLINE_STATUS, &request).await?;
        }
        Ok(())
    }

    /// A new connection knows of no subscription: they are made again, and then there is nothing left to do.
    pub(crate) async fn keep(&self, requests: &Requests) -> Infallible {
        let ids: Vec<String> = self.0.lock().keys().cloned().collect();
        // What fails with the connection is done with the next one.
        let _ = self.ask(requests, &ids).await;
        std::future::pending().await
    }

    /// What the server tells, asked or not. The states that changed.
    pub(crate) fn learn(&self, tips: SubUserOnlineStatusTips) -> Vec<UserOnlineState> {
        let mut known = self.0.lock();
        let mut changed = Vec::new();
        for told in tips.subscribers {
            // Of others the server has no reason to tell.
            let Some(platforms) = known.get_mut(&told.user_id) else { continue };
            if *platforms != told.online_platform_ids {
                *platforms = told.online_platform_ids;
                changed.push(state(&told.user_id, platforms));
            }
        }
        changed
    }

    pub(crate) fn all(&self) -> Vec<UserOnlineState> {
        self.0.lock().iter().map(|(id, platforms)| state(id, platforms)).collect()
    }

    async fn ask(&self, requests: &Requests, ids: &[String]) -> Result<()> {
        for ids in ids.chunks(IDS_AT_ONCE) {
            let request = SubUserOnlineStatus { subscribe_user_id: ids.to_vec(), ..Default::default() };
            let answer = requests.ask(ops::SUB_USER_ONLINE_STATUS, &request).await?;
            let tips = envelope::payload(answer.as_deref()).map_err(|malformed| {
                Error::new(
                    Kind::Protocol,
                    format!("the server's answer about who is online is unreadable: {malformed}"),
                )
            })?;
            self.learn(tips);
        }
        Ok(())
    }
}

fn state(id: &str, platforms: &[i32]) -> UserOnlineState {
    UserOnlineState {
        user_id: id.to_owned(),
        status: i32::from(!platforms.is_empty()),
        platform_ids: platforms.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use openim_core::wire::pb::SubUserOnlineStatusElem;

    use super::*;

    fn tips(user_id: &str, platforms: &[i32]) -> SubUserOnlineStatusTips {
        let told = SubUserOnlineStatusElem { user_id: user_id.into(), online_platform_ids: platforms.to_vec() };
        SubUserOnlineStatusTips { subscribers: vec![told] }
    }

    #[test]
    fn only_changes_of_those_asked_about_are_told() {
        let presence = Presence::default();
        presence.0.lock().insert("alice".into(), Vec::new());
        assert!(presence.learn(tips("mallory", &[1])).is_empty());
        let changed = presence.learn(tips("alice", &[5]));
        assert_eq!((changed[0].status, changed[0].platform_ids.as_slice()), (1, [5].as_slice()));
        assert!(presence.learn(tips("alice", &[5])).is_empty(), "the same again is no change");
        assert_eq!(presence.learn(tips("alice", &[]))[0].status, 0);
        assert_eq!(presence.all().len(), 1);
    }
}
