//! When the account came into a group: what is older there is history, and only the server's own word counts.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use openim_core::catchup::Found;
use openim_core::wire::words;
use tokio::time::{sleep, timeout};

use super::Syncer;
use crate::rest::{Api, members};

/// One question and its answer; messages of the group wait meanwhile.
const JOIN_TIME_MAX: Duration = Duration::from_secs(10);
/// Somebody who has just come in may not be listed yet.
const JOIN_TIME_AGAIN: Duration = Duration::from_secs(1);

impl Syncer<'_> {
    /// Asks for join times, as long as the connection lives.
    pub(crate) async fn find_joins(&self, api: Option<&Api>) -> Infallible {
        loop {
            let groups = self.catchup.lock().take_unasked_groups();
            for group in groups {
                let joined_ms = match api {
                    Some(api) => self.join_time(api, &group).await,
                    None => None,
                };
                if joined_ms.is_none() {
                    self.link.sink.note(format!(
                        "the server does not say when this account came into group {}; older messages count as missed",
                        words(&group)
                    ));
                }
                let mut catchup = self.catchup.lock();
                let offer = &mut |id: &Arc<str>, seq: i64, found: Found| self.offer(id, seq, found);
                catchup.joined(&group, joined_ms, &self.known(), offer);
                self.follow_up(catchup);
            }
            self.groups.notified().await;
        }
    }

    async fn join_time(&self, api: &Api, group: &str) -> Option<i64> {
        let asked = [self.user_id.to_owned()];
        for wait in [Duration::ZERO, JOIN_TIME_AGAIN] {
            sleep(wait).await;
            let members = timeout(JOIN_TIME_MAX, members::get_group_members_info(api, group, &asked)).await;
            let members = members.ok()?.ok()?;
            if let Some(me) = members.iter().find(|member| member.user_id == self.user_id) {
                return Some(me.join_time).filter(|joined| *joined > 0);
            }
        }
        None
    }
}
