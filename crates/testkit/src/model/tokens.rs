//! The table of issued tokens. A token with a good signature is valid only while it is listed here and not kicked.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::login_policy::replaces;
use crate::limits::{ADMIN_TOKEN_GRACE_MS, TOKENS_PER_PLATFORM};

/// `platformID` of the server API.
pub(crate) const PLATFORM_ADMIN: i32 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TokenStatus {
    Normal,
    Kicked,
    /// Verification answers this code.
    Refused(i32),
}

#[derive(Serialize, Deserialize)]
struct IssuedToken {
    platform_id: i32,
    token: String,
    /// Saved as `standing`.
    #[serde(rename = "standing")]
    status: TokenStatus,
    /// An admin's replaced token stops working then.
    gone_at_ms: Option<i64>,
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Tokens(HashMap<String, Vec<IssuedToken>>);

impl Tokens {
    pub(crate) fn knows(&self, user_id: &str, platform_id: i32, token: &str) -> bool {
        self.of(user_id).any(|issued| issued.platform_id == platform_id && issued.token == token)
    }

    pub(crate) fn status(&self, user_id: &str, platform_id: i32, token: &str, now_ms: i64) -> Option<TokenStatus> {
        self.of(user_id)
            .find(|issued| issued.platform_id == platform_id && issued.token == token)
            .filter(|issued| issued.gone_at_ms.is_none_or(|gone| gone > now_ms))
            .map(|issued| issued.status)
    }

    /// The newest token of the user and platform that has not been kicked, refused or replaced.
    pub(crate) fn newest_valid(&self, user_id: &str, platform_id: i32) -> Option<&str> {
        let mut valid = self.of(user_id).filter(|issued| {
            issued.platform_id == platform_id && issued.status == TokenStatus::Normal && issued.gone_at_ms.is_none()
        });
        valid.next_back().map(|issued| issued.token.as_str())
    }

    /// Adds a new token. Earlier kicked tokens of the user are forgotten (they turn from 1506 to 1507). The login policy
    /// decides about the user's other tokens.
    pub(crate) fn issue(&mut self, user_id: &str, platform_id: i32, token: &str, policy: u8, now_ms: i64) {
        let all = self.0.entry(user_id.to_owned()).or_default();
        all.retain(|issued| issued.status != TokenStatus::Kicked && issued.gone_at_ms.is_none_or(|gone| gone > now_ms));
        if platform_id == PLATFORM_ADMIN {
            for issued in all.iter_mut().filter(|issued| issued.platform_id == platform_id) {
                issued.gone_at_ms.get_or_insert(now_ms + ADMIN_TOKEN_GRACE_MS);
            }
        } else {
            for issued in all.iter_mut().filter(|issued| replaces(policy, platform_id, issued.platform_id)) {
                issued.status = TokenStatus::Kicked;
            }
        }
        let gone_at_ms = None;
        all.push(IssuedToken { platform_id, token: token.into(), status: TokenStatus::Normal, gone_at_ms });
        Self::trim(all, platform_id);
    }

    /// Marks all tokens of the user and platform as kicked, but for `except`.
    pub(crate) fn kick(&mut self, user_id: &str, platform_id: i32, except: Option<&str>) {
        for issued in self.0.get_mut(user_id).into_iter().flatten() {
            if issued.platform_id == platform_id && except != Some(issued.token.as_str()) {
                issued.status = TokenStatus::Kicked;
            }
        }
    }

    /// Forgets all tokens.
    pub(crate) fn forget_all(&mut self) {
        self.0.clear();
    }

    /// Makes verification answer this code for all tokens of the user and platform; 0 makes them valid again. Returns
    /// their number.
    pub(crate) fn refuse(&mut self, user_id: &str, platform_id: Option<i32>, code: i32) -> usize {
        let all = self.0.get_mut(user_id).into_iter().flatten();
        let mut count = 0;
        for issued in all.filter(|issued| platform_id.is_none_or(|only| only == issued.platform_id)) {
            issued.status = if code == 0 { TokenStatus::Normal } else { TokenStatus::Refused(code) };
            count += 1;
        }
        count
    }

    fn of(&self, user_id: &str) -> impl DoubleEndedIterator<Item = &IssuedToken> {
        self.0.get(user_id).into_iter().flatten()
    }

    /// Removes the oldest token of the platform if there are too many.
    fn trim(all: &mut Vec<IssuedToken>, platform_id: i32) {
        let count = all.iter().filter(|issued| issued.platform_id == platform_id).count();
        if count > TOKENS_PER_PLATFORM
            && let Some(oldest) = all.iter().position(|issued| issued.platform_id == platform_id)
        {
            all.remove(oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(tokens: &Tokens, asked: &[(i32, &str)], now: i64) -> Vec<Option<TokenStatus>> {
        asked.iter().map(|(platform, token)| tokens.status("u", *platform, token, now)).collect()
    }

    #[test]
    fn under_policy_1_a_new_token_kicks_the_platforms_older_ones() {
        let mut tokens = Tokens::default();
        tokens.issue("u", 5, "web", 1, 0);
        tokens.issue("u", 2, "phone", 1, 0);
        tokens.issue("u", 5, "web2", 1, 0);
        let expected = [Some(TokenStatus::Kicked), Some(TokenStatus::Normal), Some(TokenStatus::Normal)];
        assert_eq!(statuses(&tokens, &[(5, "web"), (2, "phone"), (5, "web2")], 0), expected);
    }

    #[test]
    fn a_kicked_token_is_forgotten_when_the_next_is_issued() {
        let mut tokens = Tokens::default();
        tokens.issue("u", 5, "web", 1, 0);
        tokens.kick("u", 5, None);
        assert_eq!(statuses(&tokens, &[(5, "web")], 0), [Some(TokenStatus::Kicked)]);
        tokens.issue("u", 2, "phone", 1, 0);
        assert_eq!(statuses(&tokens, &[(5, "web")], 0), [None]);
    }

    #[test]
    fn policy_0_keeps_the_newest_thirty() {
        let mut tokens = Tokens::default();
        for n in 0..31 {
            tokens.issue("u", 5, &format!("t{n}"), 0, 0);
        }
        assert_eq!(statuses(&tokens, &[(5, "t0"), (5, "t1")], 0), [None, Some(TokenStatus::Normal)]);
    }

    #[test]
    fn an_admins_earlier_token_lives_five_minutes_more() {
        let mut tokens = Tokens::default();
        tokens.issue("u", PLATFORM_ADMIN, "old", 1, 0);
        tokens.issue("u", PLATFORM_ADMIN, "new", 1, 1_000);
        assert_eq!(statuses(&tokens, &[(10, "old")], 300_999), [Some(TokenStatus::Normal)]);
        assert_eq!(statuses(&tokens, &[(10, "old"), (10, "new")], 301_000), [None, Some(TokenStatus::Normal)]);
    }
}
