//! What the connections of an account have found out about its server: kept for the status, and noted when it is news.

use super::{Now, State};
use crate::limits::NOTED_AGAIN_AFTER;
use crate::transport::Observation;

impl State {
    pub(crate) fn observe(&mut self, observation: Observation, now: Now) {
        match observation {
            Observation::SenderVerified(is_verified) => self.observe_sender_check(is_verified),
            Observation::SentElsewhere => self.observe_other_program(now),
            Observation::NotStored { conversation, count } => {
                self.status.not_stored += count;
                self.push_note(format!(
                    "the server acknowledged {count} messages in conversation {conversation} and did not store them: they are lost; send them again, more slowly"
                ));
            }
        }
    }

    fn observe_sender_check(&mut self, is_verified: bool) {
        let before = self.status.sender_verified.replace(is_verified);
        if is_verified && before == Some(false) {
            self.push_note("the server checks the sender of messages now".to_owned());
        } else if !is_verified && before != Some(false) {
            self.push_note(
                "the server lets anyone write as anyone: it does not check the sender of a message, so every rule about who may do what is void against its users; update the server, or set requireVerifiedSender to \"refuse\" to keep such servers out".to_owned(),
            );
        }
    }

    fn observe_other_program(&mut self, now: Now) {
        let before = self.status.sent_elsewhere_at.replace(now.unix_ms);
        let again_at = i64::try_from(NOTED_AGAIN_AFTER.as_millis()).unwrap_or(i64::MAX);
        if before.is_none_or(|before| now.unix_ms.saturating_sub(before) >= again_at) {
            self.push_note(
                "another program writes as this account with the same token: both receive every message, and both may answer; stop one of them, or give it a user or platform of its own".to_owned(),
            );
        }
    }
}
