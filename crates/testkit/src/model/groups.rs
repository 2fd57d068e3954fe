//! Groups and their members.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::users::Users;
use super::versions::{Change, Versions};
use crate::config::GroupConfig;
use crate::records::{GroupInfo, GroupMemberFullInfo};

/// `roleLevel`.
pub(crate) const MEMBER: i32 = 20;
pub(crate) const ADMIN: i32 = 60;
pub(crate) const OWNER: i32 = 100;

/// Group `status`.
pub(crate) const STATUS_OK: i32 = 0;
pub(crate) const STATUS_DISMISSED: i32 = 2;
pub(crate) const STATUS_MUTED: i32 = 3;

/// `joinSource`.
pub(crate) const BY_INVITATION: i32 = 2;

#[derive(Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) info: GroupInfo,
    pub(crate) members: BTreeMap<String, GroupMemberFullInfo>,
    pub(crate) versions: Versions,
    /// The newest join request of each user.
    #[serde(default)]
    pub(crate) requests: BTreeMap<String, GroupRequest>,
}

/// A request to join a group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct GroupRequest {
    pub(crate) user_id: String,
    pub(crate) message: String,
    pub(crate) join_source: i32,
    pub(crate) inviter: String,
    pub(crate) ex: String,
    pub(crate) asked_ms: i64,
    /// 0 open, 1 accepted, -1 rejected.
    pub(crate) result: i32,
}

/// How somebody becomes a member.
#[derive(Clone, Copy)]
pub(crate) struct Entering<'a> {
    /// Who invited the new member; empty for nobody.
    pub(crate) inviter: &'a str,
    /// Who let the new member in.
    pub(crate) operator: &'a str,
    pub(crate) join_source: i32,
    pub(crate) role: i32,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Groups {
    /// Prefix of every `versionID`; a new server gets a new one.
    #[serde(rename = "era")]
    version_prefix: String,
    groups: BTreeMap<String, Group>,
    joined: HashMap<String, Versions>,
}

impl Group {
    pub(crate) fn role(&self, user_id: &str) -> Option<i32> {
        self.members.get(user_id).map(|member| member.role_level)
    }

    pub(crate) fn is_dismissed(&self) -> bool {
        self.info.status == STATUS_DISMISSED
    }

    /// The members: the owner, then the admins, then everybody else by time of joining.
    pub(crate) fn ranked(&self) -> Vec<&GroupMemberFullInfo> {
        let mut members: Vec<_> = self.members.values().collect();
        members.sort_by_key(|member| (-member.role_level, member.join_time));
        members
    }

    /// Notes a change of a member and updates the member count.
    pub(crate) fn touch(&mut self, user_id: &str, change: Change) {
        self.versions.note(user_id, change);
        self.info.member_count = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
    }
}

impl Groups {
    pub(crate) fn new(version_prefix: &str) -> Self {
        Self { version_prefix: version_prefix.into(), groups: BTreeMap::new(), joined: HashMap::new() }
    }

    pub(crate) fn add(&mut self, config: &GroupConfig, users: &Users, now_ms: i64) {
        let owner = config.members.first().cloned().unwrap_or_default();
        let name = if config.name.is_empty() { &config.group_id } else { &config.name };
        let info = GroupInfo {
            group_id: config.group_id.clone(),
            group_name: name.clone(),
            owner_user_id: owner.clone(),
            creator_user_id: owner.clone(),
            create_time: now_ms,
            group_type: 2,
            // 2: everybody may join without approval.
            need_verification: 2,
            ..GroupInfo::default()
        };
        let versions = Versions::new(format!("{}g", self.version_prefix));
        self.groups.insert(
            config.group_id.clone(),
            Group { info, members: BTreeMap::new(), versions, requests: BTreeMap::new() },
        );
        for member in &config.members {
            let role = if *member == owner {
                OWNER
            } else if config.admins.contains(member) {
                ADMIN
            } else {
                MEMBER
            };
            let entering = Entering { inviter: &owner, operator: &owner, join_source: BY_INVITATION, role };
            self.enter(&config.group_id, member, &entering, users, now_ms);
        }
    }

    /// Makes `user_id` a member.
    pub(crate) fn enter(&mut self, group_id: &str, user_id: &str, entering: &Entering<'_>, users: &Users, now_ms: i64) {
        let Some(group) = self.groups.get_mut(group_id) else {
            return;
        };
        let info = users.get(user_id).cloned().unwrap_or_default();
        let member = GroupMemberFullInfo {
            group_id: group_id.into(),
            user_id: user_id.into(),
            role_level: entering.role,
            join_time: now_ms,
            nickname: info.nickname,
            face_url: info.face_url,
            app_manger_level: info.app_manger_level,
            join_source: entering.join_source,
            operator_user_id: entering.operator.into(),
            inviter_user_id: entering.inviter.into(),
            ..GroupMemberFullInfo::default()
        };
        group.members.insert(user_id.into(), member);
        group.touch(user_id, Change::Insert);
        self.joined_mut(user_id).note(group_id, Change::Insert);
    }

    /// Removes the member.
    pub(crate) fn leave(&mut self, group_id: &str, user_id: &str) -> Option<GroupMemberFullInfo> {
        let group = self.groups.get_mut(group_id)?;
        let member = group.members.remove(user_id)?;
        group.touch(user_id, Change::Delete);
        self.joined_mut(user_id).note(group_id, Change::Delete);
        Some(member)
    }

    /// Dismisses the group: nobody is a member any more. Everybody keeps the old messages.
    pub(crate) fn dismiss(&mut self, group_id: &str) {
        let Some(group) = self.groups.get_mut(group_id) else { return };
        group.info.status = STATUS_DISMISSED;
        let members: Vec<String> = std::mem::take(&mut group.members).into_keys().collect();
        for user_id in &members {
            group.touch(user_id, Change::Delete);
        }
        for user_id in &members {
            self.joined_mut(user_id).note(group_id, Change::Delete);
        }
    }

    pub(crate) fn get(&self, group_id: &str) -> Option<&Group> {
        self.groups.get(group_id)
    }

    pub(crate) fn get_mut(&mut self, group_id: &str) -> Option<&mut Group> {
        self.groups.get_mut(group_id)
    }

    /// The groups that a user is in, without dismissed ones.
    pub(crate) fn of<'a>(&'a self, user_id: &'a str) -> impl Iterator<Item = &'a Group> {
        self.groups.values().filter(move |group| !group.is_dismissed() && group.members.contains_key(user_id))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    pub(crate) fn is_member(&self, group_id: &str, user_id: &str) -> bool {
        self.get(group_id).is_some_and(|group| group.members.contains_key(user_id))
    }

    /// The version of a user's list of groups.
    pub(crate) fn joined_mut(&mut self, user_id: &str) -> &mut Versions {
        self.joined.entry(user_id.into()).or_insert_with(|| Versions::new(format!("{}j", self.version_prefix)))
    }
}
