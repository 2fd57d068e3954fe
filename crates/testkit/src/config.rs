//! Who lives on the server and by which rules: from a JSON file, from flags, or from code. Checked before use; a
//! mistake is one sentence that names the thing and the remedy.

use std::collections::BTreeSet;
use std::net::IpAddr;

use openim_core::limits::ID_MAX;
use serde::Deserialize;

use crate::limits::{MIN_PART_SIZE, ONLINE_EVERY_MS, STORE_EVERY_MS};

/// The highest `multiLoginPolicy`.
const LOGIN_POLICY_MAX: u8 = 5;

/// Everything the server starts with. The defaults are the stock server's.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Config {
    /// A loopback address, nothing else.
    pub host: String,
    /// Websocket gateway; 0 is any free port.
    pub ws_port: u16,
    /// REST API; 0 is any free port.
    pub api_port: u16,
    /// Signs tokens and opens `/auth/get_admin_token`.
    pub secret: String,
    /// Users who may call the server API.
    pub admins: Vec<String>,
    /// Everybody else.
    pub users: Vec<UserConfig>,
    /// Groups; their members must be users.
    pub groups: Vec<GroupConfig>,
    /// Pairs of friends.
    pub friends: Vec<[String; 2]>,
    /// The platform of the tokens the binary prints.
    #[serde(rename = "platformID")]
    pub platform_id: i32,
    /// 0 never kicks, 1 keeps one session per platform, 2 one, 3 one on the Web and one elsewhere, 4 one per class of
    /// device, 5 any number of PCs and one other.
    pub multi_login_policy: u8,
    /// Whether only friends may write to each other.
    pub friend_verify: bool,
    /// Whether a new member of a group may read the messages from before.
    pub enable_history_for_new_members: bool,
    /// The version whose behaviour is followed where versions differ.
    pub like: ServerVersion,
    /// Acknowledged messages are stored and pushed in batches that end this often; 0 stores at once.
    pub store_delay_ms: u64,
    /// Who is connected is noted this often: pushes do not reach a user who was not connected before; 0 notes it at once.
    pub online_tick_ms: u64,
    /// Whether the control API is served.
    pub control: bool,
    /// More connections are refused with 1601.
    pub max_connections: usize,
    /// Uploads have parts of this size, or larger ones; S3's smallest.
    pub min_part_size: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            ws_port: 10001,
            api_port: 10002,
            secret: "openIM123".into(),
            admins: vec!["imAdmin".into()],
            users: Vec::new(),
            groups: Vec::new(),
            friends: Vec::new(),
            platform_id: 5,
            multi_login_policy: 1,
            friend_verify: false,
            enable_history_for_new_members: true,
            like: ServerVersion::Main,
            store_delay_ms: STORE_EVERY_MS,
            online_tick_ms: ONLINE_EVERY_MS,
            control: false,
            max_connections: 100_000,
            min_part_size: MIN_PART_SIZE,
        }
    }
}

/// A version of the real server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum ServerVersion {
    /// The main branch of July 2026.
    #[default]
    #[serde(rename = "main")]
    Main,
    /// v3.8.3-patch.16, the newest release.
    #[serde(rename = "3.8.3")]
    V3_8_3,
}

impl std::str::FromStr for ServerVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "main" => Ok(Self::Main),
            "3.8.3" => Ok(Self::V3_8_3),
            _ => Err(format!("{text:?} is not a version this server can follow: use main or 3.8.3")),
        }
    }
}

/// One user.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct UserConfig {
    /// The id.
    #[serde(rename = "userID")]
    pub user_id: String,
    /// The name shown; the id where empty.
    pub nickname: String,
    /// May send OA notifications (contentType 1400).
    pub notification_account: bool,
}

/// One group. The first member owns it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct GroupConfig {
    /// The id.
    #[serde(rename = "groupID")]
    pub group_id: String,
    /// The name shown; the id where empty.
    pub name: String,
    /// User ids, the owner first.
    pub members: Vec<String>,
    /// Members who are admins of the group.
    pub admins: Vec<String>,
}

impl Config {
    /// alice, bob and `bot_7`, and the group g100 with all three: enough to chat at once. Any free ports.
    pub fn demo() -> Self {
        let mut config = Self { ws_port: 0, api_port: 0, ..Self::default() };
        config.add_demo();
        config
    }

    /// Adds the people and the group of [`Self::demo`].
    pub fn add_demo(&mut self) {
        for (id, name) in [("alice", "Alice"), ("bob", "Bob"), ("bot_7", "Botty")] {
            self.users.push(UserConfig { user_id: id.into(), nickname: name.into(), ..UserConfig::default() });
        }
        let members = ["alice", "bob", "bot_7"].map(str::to_owned).to_vec();
        self.groups.push(GroupConfig { group_id: "g100".into(), name: "Demo Group".into(), members, admins: vec![] });
    }

    /// Reads the JSON form.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("it is not a valid configuration: {error}"))
    }

    /// Refuses what cannot work, before anything is started.
    pub fn check(&self) -> Result<(), String> {
        self.address()?;
        if self.secret.is_empty() {
            return Err("the secret is empty: give one, or leave it out for the stock secret".into());
        }
        if self.multi_login_policy > LOGIN_POLICY_MAX {
            let policy = self.multi_login_policy;
            return Err(format!(
                "multiLoginPolicy {policy} does not exist: use 0 (never kick), 1 (one per platform, the stock value) to 5"
            ));
        }
        check_platform(self.platform_id)?;
        let people = self.check_people()?;
        self.check_groups(&people)
    }

    pub(crate) fn address(&self) -> Result<IpAddr, String> {
        let host = if self.host == "localhost" { "127.0.0.1" } else { self.host.as_str() };
        host.parse::<IpAddr>().ok().filter(IpAddr::is_loopback).ok_or_else(|| {
            format!(
                "this is a development server and listens on loopback only: use 127.0.0.1 or ::1 instead of {host:?}"
            )
        })
    }

    fn check_people(&self) -> Result<BTreeSet<&str>, String> {
        let mut people = BTreeSet::new();
        for id in self.admins.iter().chain(self.users.iter().map(|user| &user.user_id)) {
            check_user_id(id)?;
            if !people.insert(id.as_str()) {
                return Err(format!("user {id:?} is given twice: leave one out"));
            }
        }
        for friend in self.friends.iter().flatten() {
            if !people.contains(friend.as_str()) {
                return Err(format!("friends name {friend:?}, who is not a user: add the user"));
            }
        }
        Ok(people)
    }

    fn check_groups(&self, people: &BTreeSet<&str>) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for group in &self.groups {
            let id = &group.group_id;
            if id.is_empty() {
                return Err("a group has no id: give one".into());
            }
            if !seen.insert(id) {
                return Err(format!("group {id:?} is given twice: leave one out"));
            }
            if group.members.is_empty() {
                return Err(format!("group {id:?} has no members: name at least its owner"));
            }
            let mut members = BTreeSet::new();
            for member in &group.members {
                if !people.contains(member.as_str()) {
                    return Err(format!("group {id:?} names {member:?}, who is not a user: add the user"));
                }
                if !members.insert(member) {
                    return Err(format!("group {id:?} names {member:?} twice: leave one out"));
                }
            }
            if let Some(admin) = group.admins.iter().find(|admin| !members.contains(admin)) {
                return Err(format!("group {id:?} has the admin {admin:?}, who is not a member: add the member"));
            }
        }
        Ok(())
    }
}

/// `platformID` as the protocol counts them.
pub(crate) fn check_platform(platform_id: i32) -> Result<(), String> {
    if (1..=11).contains(&platform_id) {
        return Ok(());
    }
    Err(format!("platform {platform_id} does not exist: use 1 to 11 (5 is Web, 7 is Linux)"))
}

/// User ids are letters of any script, digits and `_`. Group ids are whatever their creator chooses.
pub(crate) fn check_user_id(id: &str) -> Result<(), String> {
    if id.is_empty() || id.len() > ID_MAX || id.chars().any(|c| !c.is_alphanumeric() && c != '_') {
        return Err(format!("{id:.40?} is not a user id: use 1 to {ID_MAX} bytes of letters, digits and \"_\""));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config::demo();
        change(&mut config);
        config.check().unwrap_err()
    }

    #[test]
    fn the_demo_and_an_empty_file_are_valid() {
        assert_eq!(Config::demo().check(), Ok(()));
        assert_eq!(Config::from_json("{}").unwrap().check(), Ok(()));
    }

    #[test]
    fn group_ids_are_whatever_their_creator_chose() {
        let mut config = Config::demo();
        config.groups[0].group_id = " a:b\n".into();
        config.users.push(UserConfig { user_id: "Jürgen_李4".into(), ..UserConfig::default() });
        assert_eq!(config.check(), Ok(()));
    }

    #[test]
    fn only_loopback_addresses_are_allowed() {
        for host in ["0.0.0.0", "192.168.1.5", "example.org", "::"] {
            assert!(complaint(|config| config.host = host.into()).contains("loopback only"), "{host}");
        }
        for host in ["localhost", "::1", "127.0.0.2"] {
            assert!(Config { host: host.into(), ..Config::default() }.check().is_ok(), "{host}");
        }
    }

    #[test]
    fn configuration_mistakes_are_named() {
        let unknown = complaint(|config| config.groups[0].members.push("carol".into()));
        assert_eq!(unknown, r#"group "g100" names "carol", who is not a user: add the user"#);
        assert!(complaint(|config| config.users.push(config.users[0].clone())).contains("given twice"));
        for id in ["", "a b", "a.b", "a:b", "a\nb"] {
            assert!(complaint(|config| config.users[0].user_id = id.into()).contains("not a user id"), "{id:?}");
        }
        assert!(complaint(|config| config.platform_id = 99).contains("platform 99"));
        assert!(complaint(|config| config.multi_login_policy = 6).contains("multiLoginPolicy 6"));
        assert!(Config::from_json(r#"{"usrs":[]}"#).unwrap_err().contains("usrs"));
    }
}
