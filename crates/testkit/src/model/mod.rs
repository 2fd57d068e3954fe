//! The OpenIM server as data: users, groups, tokens, conversations, messages and logins, and the rules for changing them.
//! There is no I/O here: time and randomness are passed in, and frames for connections are left in [`Model::outgoing`].

mod access;
mod blanks;
pub(crate) mod conversations;
mod delivery;
pub(crate) mod groups;
pub(crate) mod login_policy;
mod logins;
mod membership;
pub(crate) mod messages;
pub(crate) mod notices;
pub(crate) mod objects;
pub(crate) mod outgoing;
mod pulling;
mod quotes;
pub(crate) mod reachability;
pub(crate) mod relations;
mod sending;
pub(crate) mod sessions;
pub(crate) mod signing;
mod storing;
pub(crate) mod tokens;
pub(crate) mod transfer;
pub(crate) mod users;
pub(crate) mod versions;

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, RandomSource};
use md5::{Digest as _, Md5};
use openim_core::wire::errcode;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::limits::{TOKEN_BACKDATE_S, TOKEN_LIFE_S};
use crate::refusal::Refusal;
use crate::token::{self, Claims};

use self::blanks::Blanks;
use self::conversations::Conversations;
use self::groups::Groups;
use self::messages::Messages;
use self::objects::{Objects, hex};
use self::outgoing::Outgoing;
use self::reachability::Reachability;
use self::relations::Relations;
use self::sessions::Sessions;
use self::tokens::{TokenStatus, Tokens};
use self::transfer::Transfer;
use self::users::Users;

/// The part of the model that `--data` keeps between runs, as it is read back.
#[derive(Deserialize)]
pub(crate) struct SavedModel {
    users: Users,
    tokens: Tokens,
    relations: Relations,
    groups: Groups,
    conversations: Conversations,
    messages: Messages,
    #[serde(default)]
    objects: Objects,
}

/// Everything the server knows. Serialised, it is a [`SavedModel`]: members marked `skip` last for one run only.
#[derive(Serialize)]
pub(crate) struct Model {
    pub(crate) users: Users,
    pub(crate) tokens: Tokens,
    pub(crate) relations: Relations,
    pub(crate) groups: Groups,
    pub(crate) conversations: Conversations,
    pub(crate) messages: Messages,
    pub(crate) objects: Objects,
    #[serde(skip)]
    pub(crate) config: Config,
    #[serde(skip)]
    pub(crate) sessions: Sessions,
    #[serde(skip)]
    pub(crate) blanks: Blanks,
    #[serde(skip)]
    pub(crate) reachability: Reachability,
    #[serde(skip)]
    pub(crate) transfer: Transfer,
    /// Frames to write, in order. The owner of the model takes them after each change.
    #[serde(skip)]
    outgoing: Vec<Outgoing>,
    /// The server's clock is this far ahead of the real one.
    #[serde(skip)]
    pub(crate) clock_offset_ms: i64,
    /// Overrides how long new storage signatures are valid.
    #[serde(skip)]
    pub(crate) signature_life_ms: Option<i64>,
    #[serde(skip)]
    clock: Arc<dyn Clock>,
    #[serde(skip)]
    random: Arc<dyn RandomSource>,
}

impl Model {
    /// An empty server with the users and groups of the configuration.
    pub(crate) fn new(config: Config, clock: Arc<dyn Clock>, random: Arc<dyn RandomSource>) -> Self {
        let run_id = format!("{:016x}", random.bits());
        let empty = SavedModel {
            users: Users::default(),
            tokens: Tokens::default(),
            relations: Relations::new(&run_id),
            groups: Groups::new(&run_id),
            conversations: Conversations::new(&run_id),
            messages: Messages::default(),
            objects: Objects::default(),
        };
        Self::restored(empty, config, clock, random)
    }

    /// The saved state of an earlier run, with the users and groups of the configuration that are new.
    pub(crate) fn restored(
        saved: SavedModel,
        config: Config,
        clock: Arc<dyn Clock>,
        random: Arc<dyn RandomSource>,
    ) -> Self {
        let SavedModel { users, tokens, relations, groups, conversations, messages, objects } = saved;
        let every = Duration::from_millis;
        let mut model = Self {
            reachability: Reachability::new(every(config.online_tick_ms)),
            transfer: Transfer::new(every(config.store_delay_ms)),
            blanks: Blanks::default(),
            users,
            tokens,
            relations,
            groups,
            conversations,
            messages,
            objects,
            config,
            sessions: Sessions::default(),
            outgoing: Vec::new(),
            clock_offset_ms: 0,
            signature_life_ms: None,
            clock,
            random,
        };
        model.add_configured();
        model
    }

    /// Adds the users, friendships and groups of the configuration that do not exist yet.
    fn add_configured(&mut self) {
        let now = self.now_ms();
        for admin in &self.config.admins {
            self.users.add(admin, "", users::LEVEL_ADMIN, now);
        }
        for user in &self.config.users {
            let level = if user.notification_account { users::LEVEL_NOTIFICATION } else { users::LEVEL_USER };
            self.users.add(&user.user_id, &user.nickname, level, now);
        }
        for [a, b] in &self.config.friends {
            if self.relations.friend(a, b).is_none() {
                self.relations.befriend(a, b, relations::IMPORTED, a, now);
            }
        }
        for group in &self.config.groups {
            if self.groups.get(&group.group_id).is_none() {
                self.groups.add(group, &self.users, now);
            }
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms().saturating_add(self.clock_offset_ms)
    }

    /// 32 new hex digits, for a `serverMsgID` or a `versionID`.
    pub(crate) fn fresh_id(&self, salt: &str) -> String {
        let mut md5 = Md5::new();
        md5.update(salt);
        md5.update(self.random.bits().to_le_bytes());
        md5.update(self.random.bits().to_le_bytes());
        hex(&md5.finalize())
    }

    /// Puts the items into a random order.
    pub(crate) fn shuffle<T>(&self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            let other = self.random.bits() % (end as u64 + 1);
            items.swap(end, usize::try_from(other).unwrap_or_default());
        }
    }

    pub(crate) fn is_admin(&self, user_id: &str) -> bool {
        self.config.admins.iter().any(|admin| admin == user_id)
    }

    /// The user's nickname; empty for an unknown user.
    pub(crate) fn nickname(&self, user_id: &str) -> String {
        self.users.get(user_id).map(|info| info.nickname.clone()).unwrap_or_default()
    }

    /// A new token. Under policy 1 it retires the user's other tokens of that platform at once; their connections stay.
    pub(crate) fn issue_token(&mut self, user_id: &str, platform_id: i32) -> String {
        self.issue_token_for(user_id, platform_id, TOKEN_LIFE_S)
    }

    /// As [`Self::issue_token`], for a token that is valid for `life_s` seconds.
    pub(crate) fn issue_token_for(&mut self, user_id: &str, platform_id: i32, life_s: i64) -> String {
        let now = self.now_ms();
        let iat = now / 1000 - TOKEN_BACKDATE_S;
        let mut claims =
            Claims { user_id: user_id.into(), platform_id, exp: iat.saturating_add(life_s), iat, nbf: None };
        // Two tokens issued within one second would be identical, so the later one lives a second longer.
        while self.tokens.knows(user_id, platform_id, &token::make(&self.config.secret, &claims)) {
            claims.exp += 1;
        }
        let token = token::make(&self.config.secret, &claims);
        let policy = self.config.multi_login_policy;
        self.tokens.issue(user_id, platform_id, &token, policy, now);
        token
    }

    /// The claims of a token that is valid now.
    pub(crate) fn verify_token(&self, token: &str) -> Result<Claims, Refusal> {
        let now = self.now_ms();
        let claims = token::verify(&self.config.secret, token, now / 1000)?;
        match self.tokens.status(&claims.user_id, claims.platform_id, token, now) {
            Some(TokenStatus::Normal) => Ok(claims),
            Some(TokenStatus::Refused(code)) => Err(Refusal::new(code, "as asked for")),
            Some(TokenStatus::Kicked) => Err(Refusal::new(errcode::TOKEN_KICKED, "")),
            None => Err(Refusal::new(errcode::TOKEN_NOT_EXIST, "")),
        }
    }

    /// Takes the frames that have to be written.
    pub(crate) fn take_outgoing(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.outgoing)
    }
}
