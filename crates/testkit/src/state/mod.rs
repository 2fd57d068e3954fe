//! What the server knows, in memory. One lock guards all of it; nothing here waits, sends or draws on outside time.

pub(crate) mod conversations;
pub(crate) mod groups;
pub(crate) mod messages;
pub(crate) mod objects;
pub(crate) mod policy;
pub(crate) mod relations;
pub(crate) mod tokens;
pub(crate) mod users;
pub(crate) mod versions;

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Clock, RandomSource};
use md5::{Digest as _, Md5};
use openim_core::wire::errcode;

use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::desk::DeskState;
use crate::fault::Fault;
use crate::gateway::hub::Hub;
use crate::limits::{TOKEN_BACKDATE_S, TOKEN_LIFE_S};
use crate::mischief::Mischief;
use crate::storage::StorageTrouble;
use crate::token::{self, Claims};
use crate::trouble::Rules;

/// `platformID` of the server API.
pub(crate) const PLATFORM_ADMIN: i32 = 10;

/// What outlives a run of the server.
#[derive(Deserialize)]
pub(crate) struct Kept {
    users: users::Users,
    tokens: tokens::Tokens,
    relations: relations::Relations,
    groups: groups::Groups,
    conversations: conversations::Conversations,
    messages: messages::Messages,
    #[serde(default)]
    objects: objects::Objects,
}

/// The same, to be written.
#[derive(Serialize)]
struct KeptRef<'a> {
    users: &'a users::Users,
    tokens: &'a tokens::Tokens,
    relations: &'a relations::Relations,
    groups: &'a groups::Groups,
    conversations: &'a conversations::Conversations,
    messages: &'a messages::Messages,
    objects: &'a objects::Objects,
}

/// The whole server behind its lock.
pub(crate) struct State {
    pub(crate) config: Config,
    pub(crate) users: users::Users,
    pub(crate) tokens: tokens::Tokens,
    pub(crate) relations: relations::Relations,
    pub(crate) groups: groups::Groups,
    pub(crate) conversations: conversations::Conversations,
    pub(crate) messages: messages::Messages,
    pub(crate) objects: objects::Objects,
    pub(crate) hub: Hub,
    pub(crate) mischief: Mischief,
    pub(crate) storage: StorageTrouble,
    pub(crate) desk: DeskState,
    pub(crate) rules: Rules,
    pub(crate) clock_offset_ms: i64,
    /// Requests so far, by their number.
    pub(crate) asked: BTreeMap<i32, u64>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn RandomSource>,
}

impl State {
    pub(crate) fn new(config: Config, clock: Arc<dyn Clock>, random: Arc<dyn RandomSource>) -> Self {
        let era = format!("{:016x}", random.bits());
        let kept = Kept {
            users: users::Users::default(),
            tokens: tokens::Tokens::default(),
            relations: relations::Relations::new(&era),
            groups: groups::Groups::new(&era),
            conversations: conversations::Conversations::new(&era),
            messages: messages::Messages::default(),
            objects: objects::Objects::default(),
        };
        Self::with(kept, config, clock, random)
    }

    /// As an earlier run left it; people and groups of the configuration that are new are added.
    pub(crate) fn with(kept: Kept, config: Config, clock: Arc<dyn Clock>, random: Arc<dyn RandomSource>) -> Self {
        let Kept { users, tokens, relations, groups, conversations, messages, objects } = kept;
        let mut state = Self {
            users,
            tokens,
            relations,
            groups,
            conversations,
            messages,
            objects,
            hub: Hub::default(),
            mischief: Mischief::default(),
            storage: StorageTrouble::default(),
            desk: DeskState::default(),
            rules: Rules::default(),
            clock_offset_ms: 0,
            asked: BTreeMap::new(),
            config,
            clock,
            random,
        };
        state.settle();
        state
    }

    /// What outlives this run, as JSON.
    pub(crate) fn keep(&self) -> serde_json::Result<Vec<u8>> {
        let Self { users, tokens, relations, groups, conversations, messages, objects, .. } = self;
        serde_json::to_vec(&KeptRef { users, tokens, relations, groups, conversations, messages, objects })
    }

    /// Moves in the people and groups of the configuration that are not there.
    fn settle(&mut self) {
        let now = self.now_ms();
        for admin in self.config.admins.clone() {
            self.users.add(&admin, "", users::LEVEL_ADMIN, now);
        }
        for user in self.config.users.clone() {
            let level = if user.notification_account { users::LEVEL_NOTIFICATION } else { users::LEVEL_USER };
            self.users.add(&user.user_id, &user.nickname, level, now);
        }
        for [a, b] in self.config.friends.clone() {
            if self.relations.friend(&a, &b).is_some() {
                continue;
            }
            self.relations.befriend(&a, &b, now);
        }
        for group in self.config.groups.clone() {
            if self.groups.get(&group.group_id).is_some() {
                continue;
            }
            self.groups.add(&group, &self.users, now);
        }
    }

    /// Whether a fault with this share of a hundred happens now.
    pub(crate) fn strikes(&self, percent: u8) -> bool {
        percent > 0 && self.random.bits() % 100 < u64::from(percent)
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms().saturating_add(self.clock_offset_ms)
    }

    /// 32 hex digits nobody has seen yet: a `serverMsgID`, a `versionID`.
    pub(crate) fn fresh_id(&self, salt: &str) -> String {
        let mut md5 = Md5::new();
        md5.update(salt);
        md5.update(self.random.bits().to_le_bytes());
        md5.update(self.random.bits().to_le_bytes());
        md5.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn is_admin(&self, user_id: &str) -> bool {
        self.config.admins.iter().any(|admin| admin == user_id)
    }

    /// A new token. Under policy 1 it retires the user's others of that platform at once; their connections stay.
    pub(crate) fn issue_token(&mut self, user_id: &str, platform_id: i32) -> String {
        self.issue_token_for(user_id, platform_id, TOKEN_LIFE_S)
    }

    /// The same, with a life of its own.
    pub(crate) fn issue_token_for(&mut self, user_id: &str, platform_id: i32, life_s: i64) -> String {
        let now = self.now_ms();
        let iat = now / 1000 - TOKEN_BACKDATE_S;
        let mut claims =
            Claims { user_id: user_id.into(), platform_id, exp: iat.saturating_add(life_s), iat, nbf: None };
        // Two tokens of one second would be the same text; each is given a life of its own.
        while self.tokens.knows(user_id, platform_id, &token::make(&self.config.secret, &claims)) {
            claims.exp += 1;
        }
        let token = token::make(&self.config.secret, &claims);
        let policy = self.config.multi_login_policy;
        self.tokens.issue(user_id, platform_id, &token, policy, now);
        token
    }

    /// Whose token it is, if it is good now.
    pub(crate) fn verify_token(&self, token: &str) -> Result<Claims, Fault> {
        let now = self.now_ms();
        let claims = token::verify(&self.config.secret, token, now / 1000)?;
        match self.tokens.standing(&claims.user_id, claims.platform_id, token, now) {
            Some(tokens::Standing::Normal) => Ok(claims),
            Some(tokens::Standing::Refused(code)) => Err(Fault::new(code, "as asked for")),
            Some(tokens::Standing::Kicked) => Err(Fault::new(errcode::TOKEN_KICKED, "")),
            None => Err(Fault::new(errcode::TOKEN_NOT_EXIST, "")),
        }
    }
}
