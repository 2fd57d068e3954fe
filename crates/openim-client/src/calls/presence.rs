//! Who of those one asked about is online. The server pushes changes to the connection that asked; a new connection
//! asks again.

use std::collections::BTreeMap;
use std::convert::Infallible;

use base::{Error, Kind, Result};
use openim_core::wire::ops;
use openim_core::wire::pb::{SubUserOnlineStatus, SubUserOnlineStatusTips};
use parking_lot::Mutex;

use super::items::UserOnlineState;
use crate::limits::{IDS_AT_ONCE, SUBSCRIPTIONS_MAX};
use crate::requests::Requests;

/// The users asked about, with the platforms they are online on.
#[derive(Default)]
pub struct Presence(Mutex<BTreeMap<String, Vec<i32>>>);

impl Presence {
    /// Without an answer nobody new is subscribed to.
    pub(crate) async fn subscribe(&self, requests: &Requests, ids: Vec<String>) -> Result<Vec<UserOnlineState>> {
        let new = self.enter(&ids)?;
        if let Err(error) = self.ask(requests, &ids).await {
            let mut known = self.0.lock();
            new.iter().for_each(|id| drop(known.remove(id)));
            return Err(error);
        }
        let known = self.0.lock();
        Ok(ids.iter().filter_map(|id| known.get(id).map(|platforms| state(id, platforms))).collect())
    }

    /// Those of the ids that were not there before.
    fn enter(&self, ids: &[String]) -> Result<Vec<String>> {
        let mut known = self.0.lock();
        let new: Vec<String> = ids.iter().filter(|id| !known.contains_key(*id)).cloned().collect();
        if known.len() + new.len() > SUBSCRIPTIONS_MAX {
            let text = format!("at most {SUBSCRIPTIONS_MAX} users can be subscribed to; unsubscribe some first");
            return Err(Error::new(Kind::Backpressure, text));
        }
        known.extend(new.iter().map(|id| (id.clone(), Vec::new())));
        Ok(new)
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

    /// A new connection knows of no subscription: they are made again, what has changed meanwhile is told, and then there is
    /// nothing left to do.
    pub(crate) async fn keep(&self, requests: &Requests, tell: impl Fn(&SubUserOnlineStatusTips)) -> Infallible {
        let ids: Vec<String> = self.0.lock().keys().cloned().collect();
        // What fails with the connection is done with the next one.
        if let Ok(changed) = self.ask(requests, &ids).await {
            tell(&changed);
        }
        std::future::pending().await
    }

    /// What the server tells, asked or not; what of it is new.
    pub(crate) fn learn(&self, tips: SubUserOnlineStatusTips) -> SubUserOnlineStatusTips {
        let mut known = self.0.lock();
        let mut news = SubUserOnlineStatusTips::default();
        for told in tips.subscribers {
            // Of others the server has no reason to tell.
            let Some(platforms) = known.get_mut(&told.user_id) else { continue };
            if *platforms != told.online_platform_ids {
                platforms.clone_from(&told.online_platform_ids);
                news.subscribers.push(told);
            }
        }
        news
    }

    pub(crate) fn all(&self) -> Vec<UserOnlineState> {
        self.0.lock().iter().map(|(id, platforms)| state(id, platforms)).collect()
    }

    async fn ask(&self, requests: &Requests, ids: &[String]) -> Result<SubUserOnlineStatusTips> {
        let mut news = SubUserOnlineStatusTips::default();
        for ids in ids.chunks(IDS_AT_ONCE) {
            let request = SubUserOnlineStatus { subscribe_user_id: ids.to_vec(), ..Default::default() };
            let tips = requests.read(ops::SUB_USER_ONLINE_STATUS, &request, "who is online").await?;
            news.subscribers.extend(self.learn(tips).subscribers);
        }
        Ok(news)
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
    fn only_changes_of_those_asked_about_are_news() {
        let presence = Presence::default();
        assert_eq!(presence.enter(&["alice".into()]).unwrap(), ["alice"]);
        assert!(presence.learn(tips("mallory", &[1])).subscribers.is_empty());
        assert_eq!(presence.learn(tips("alice", &[5])), tips("alice", &[5]));
        assert!(presence.learn(tips("alice", &[5])).subscribers.is_empty(), "the same again is no news");
        assert_eq!(presence.learn(tips("alice", &[])), tips("alice", &[]));
        assert_eq!(presence.all().len(), 1);
    }

    #[test]
    fn no_more_are_watched_than_the_server_keeps() {
        let presence = Presence::default();
        let ids: Vec<String> = (0..SUBSCRIPTIONS_MAX).map(|n| n.to_string()).collect();
        presence.enter(&ids).unwrap();
        assert!(presence.enter(&ids[..1]).unwrap().is_empty());
        assert_eq!(presence.enter(&["one more".into()]).unwrap_err().kind(), Kind::Backpressure);
        assert_eq!(presence.all().len(), SUBSCRIPTIONS_MAX);
    }
}
