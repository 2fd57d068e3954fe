//! The table of issued tokens. A good signature is not enough: a token must stand here, and not as kicked.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::PLATFORM_ADMIN;
use super::policy::ends;
use crate::limits::{ADMIN_TOKEN_GRACE_MS, TOKENS_PER_PLATFORM};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Standing {
    Normal,
    Kicked,
    /// Whoever shows it gets this code.
    Refused(i32),
}

#[derive(Serialize, Deserialize)]
struct Issued {
    platform_id: i32,
    token: String,
    standing: Standing,
    /// An admin's replaced token is gone from then on.
    gone_at_ms: Option<i64>,
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Tokens(HashMap<String, Vec<Issued>>);

impl Tokens {
    pub(crate) fn knows(&self, user_id: &str, platform_id: i32, token: &str) -> bool {
        self.of(user_id).any(|issued| issued.platform_id == platform_id && issued.token == token)
    }

    pub(crate) fn standing(&self, user_id: &str, platform_id: i32, token: &str, now_ms: i64) -> Option<Standing> {
        self.of(user_id)
            .find(|issued| issued.platform_id == platform_id && issued.token == token)
            .filter(|issued| issued.gone_at_ms.is_none_or(|gone| gone > now_ms))
            .map(|issued| issued.standing)
    }

    /// The newest token of the user and platform that is good.
    pub(crate) fn good(&self, user_id: &str, platform_id: i32) -> Option<&str> {
        let mut good = self.of(user_id).filter(|issued| {
            issued.platform_id == platform_id && issued.standing == Standing::Normal && issued.gone_at_ms.is_none()
        });
        good.next_back().map(|issued| issued.token.as_str())
    }

    /// Enters a new token. Earlier kicked ones of the user are forgotten (they turn from 1506 to 1507); what happens to
    /// the others of the platform depends on the policy.
    pub(crate) fn issue(&mut self, user_id: &str, platform_id: i32, token: &str, policy: u8, now_ms: i64) {
        let all = self.0.entry(user_id.to_owned()).or_default();
        all.retain(|issued| issued.standing != Standing::Kicked && issued.gone_at_ms.is_none_or(|gone| gone > now_ms));
        if platform_id == PLATFORM_ADMIN {
            for issued in all.iter_mut().filter(|issued| issued.platform_id == platform_id) {
                issued.gone_at_ms.get_or_insert(now_ms + ADMIN_TOKEN_GRACE_MS);
            }
        } else {
            for issued in all.iter_mut().filter(|issued| ends(policy, platform_id, issued.platform_id)) {
                issued.standing = Standing::Kicked;
            }
        }
        let gone_at_ms = None;
        all.push(Issued { platform_id, token: token.into(), standing: Standing::Normal, gone_at_ms });
        Self::trim(all, platform_id);
    }

    /// Marks all tokens of the user and platform as kicked, but for `except`.
    pub(crate) fn kick(&mut self, user_id: &str, platform_id: i32, except: Option<&str>) {
        for issued in self.0.get_mut(user_id).into_iter().flatten() {
            if issued.platform_id == platform_id && except != Some(issued.token.as_str()) {
                issued.standing = Standing::Kicked;
            }
        }
    }

    /// All tokens of the user and platform get this code from now on, or are good again with 0.
    pub(crate) fn refuse(&mut self, user_id: &str, platform_id: Option<i32>, code: i32) -> usize {
        let all = self.0.get_mut(user_id).into_iter().flatten();
        let mut count = 0;
        for issued in all.filter(|issued| platform_id.is_none_or(|only| only == issued.platform_id)) {
            issued.standing = if code == 0 { Standing::Normal } else { Standing::Refused(code) };
            count += 1;
        }
        count
    }

    fn of(&self, user_id: &str) -> impl DoubleEndedIterator<Item = &Issued> {
        self.0.get(user_id).into_iter().flatten()
    }

    /// The oldest surplus goes.
    fn trim(all: &mut Vec<Issued>, platform_id: i32) {
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

    fn standings(tokens: &Tokens, asked: &[(i32, &str)], now: i64) -> Vec<Option<Standing>> {
        asked.iter().map(|(platform, token)| tokens.standing("u", *platform, token, now)).collect()
    }

    #[test]
    fn under_policy_1_a_new_token_kicks_the_platforms_older_ones() {
        let mut tokens = Tokens::default();
        tokens.issue("u", 5, "web", 1, 0);
        tokens.issue("u", 2, "phone", 1, 0);
        tokens.issue("u", 5, "web2", 1, 0);
        let expected = [Some(Standing::Kicked), Some(Standing::Normal), Some(Standing::Normal)];
        assert_eq!(standings(&tokens, &[(5, "web"), (2, "phone"), (5, "web2")], 0), expected);
    }

    #[test]
    fn a_kicked_token_is_forgotten_when_the_next_one_is_issued_anywhere() {
        let mut tokens = Tokens::default();
        tokens.issue("u", 5, "web", 1, 0);
        tokens.kick("u", 5, None);
        assert_eq!(standings(&tokens, &[(5, "web")], 0), [Some(Standing::Kicked)]);
        tokens.issue("u", 2, "phone", 1, 0);
        assert_eq!(standings(&tokens, &[(5, "web")], 0), [None]);
    }

    #[test]
    fn policy_0_keeps_the_newest_thirty() {
        let mut tokens = Tokens::default();
        for n in 0..31 {
            tokens.issue("u", 5, &format!("t{n}"), 0, 0);
        }
        assert_eq!(standings(&tokens, &[(5, "t0"), (5, "t1")], 0), [None, Some(Standing::Normal)]);
    }

    #[test]
    fn an_admins_earlier_token_lives_five_minutes_more() {
        let mut tokens = Tokens::default();
        tokens.issue("u", PLATFORM_ADMIN, "old", 1, 0);
        tokens.issue("u", PLATFORM_ADMIN, "new", 1, 1_000);
        assert_eq!(standings(&tokens, &[(10, "old")], 300_999), [Some(Standing::Normal)]);
        assert_eq!(standings(&tokens, &[(10, "old"), (10, "new")], 301_000), [None, Some(Standing::Normal)]);
    }
}
