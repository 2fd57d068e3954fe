//! The stored token records: the newest token of each account and the limits on its refresh, in one file of the state
//! directory, or in memory if there is none.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;
use serde_json::{Map, Value};
use tokio::sync::OwnedMutexGuard;

use super::files::{self, Lock};
use super::json_object::Entries;
use super::rate_limit::RefreshGuard;
use crate::limits::REFRESH_TURN_WAIT;
use crate::{fingerprint, tasks};

/// One account's record.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenRecord {
    /// Server, user and platform the token is for. A record of another login under the same name does not count.
    pub login: String,
    /// Empty where none was ever fetched.
    #[serde(default)]
    pub token: String,
    /// The server has refused it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// When it was fetched, Unix milliseconds.
    #[serde(default)]
    pub obtained_at: Option<i64>,
    /// Fingerprint of the configuration's token when this one was fetched. Once that changes, a person has brought another one.
    #[serde(default)]
    pub replaces: String,
    /// The limits on the next refresh.
    #[serde(default)]
    pub guard: RefreshGuard,
    /// What the next request needs, until it is in the state file.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[serde(rename = "owed")]
    pub unsaved_fields: Map<String, Value>,
}

impl fmt::Debug for TokenRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenRecord(<redacted {} bytes>)", self.token.len())
    }
}

/// Where records are kept. Cheap to clone.
#[derive(Clone)]
pub enum TokenStore {
    /// In memory, lost when the process ends.
    Memory(Arc<MemoryStore>),
    /// In this file.
    File(PathBuf),
}

/// Records in memory.
#[derive(Default)]
pub struct MemoryStore {
    records: Mutex<HashMap<String, TokenRecord>>,
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// One refresh of an account at a time, over runs, copies of the addon and processes.
pub(super) enum Turn {
    Memory { _guard: OwnedMutexGuard<()> },
    File { _lock: Lock },
}

impl Default for TokenStore {
    fn default() -> Self {
        Self::Memory(Arc::default())
    }
}

impl TokenStore {
    /// The record of an account, if there is one.
    pub async fn load(&self, account: &str) -> io::Result<Option<TokenRecord>> {
        match self {
            Self::Memory(memory) => Ok(memory.records.lock().get(account).cloned()),
            Self::File(path) => {
                let (path, account) = (path.clone(), account.to_owned());
                let read = tasks::blocking(move || {
                    let entries = parse(files::read(&path)?)?;
                    entries
                        .get(&account)
                        .map(|raw| serde_json::from_str(raw.get()).map_err(|error| damaged(&error)))
                        .transpose()
                });
                read.await.unwrap_or_else(|| Err(io::Error::other("reading it failed by a bug")))
            }
        }
    }

    /// Replaces an account's record, and no other.
    pub async fn save(&self, account: &str, record: TokenRecord) -> io::Result<()> {
        match self {
            Self::Memory(memory) => {
                memory.records.lock().insert(account.to_owned(), record);
                Ok(())
            }
            Self::File(path) => {
                let (at, account) = (path.clone(), account.to_owned());
                files::locked(path, move || {
                    let mut entries = parse(files::read(&at)?)?;
                    entries.set(&account, to_raw_value(&record)?);
                    files::replace(&at, format!("{}\n", entries.write(0)?).as_bytes())
                })
                .await
            }
        }
    }

    /// Waits for this account's turn to be renewed.
    pub(super) async fn turn(&self, account: &str) -> io::Result<Turn> {
        match self {
            Self::Memory(memory) => {
                let turn = memory.turns.lock().entry(account.to_owned()).or_default().clone();
                Ok(Turn::Memory { _guard: turn.lock_owned().await })
            }
            Self::File(path) => {
                let name = fingerprint::hex(account);
                let lock = path.with_file_name(format!(".refresh-{name}.lock"));
                Ok(Turn::File { _lock: Lock::wait(&lock, REFRESH_TURN_WAIT).await? })
            }
        }
    }

    /// Where it is, for messages.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Memory(_) => "memory".into(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

fn parse(bytes: Option<Vec<u8>>) -> io::Result<Entries> {
    bytes.map_or_else(|| Ok(Entries::default()), |bytes| Entries::parse(&bytes).map_err(|error| damaged(&error)))
}

/// A damaged file is never overwritten: it may hold the only copy.
fn damaged(error: &serde_json::Error) -> io::Error {
    let text = format!("it does not hold what this program writes (line {}); repair it or move it away", error.line());
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn record(token: &str) -> TokenRecord {
        TokenRecord { login: "l".into(), token: token.into(), obtained_at: Some(5), ..TokenRecord::default() }
    }

    #[tokio::test]
    async fn records_are_kept_side_by_side_in_the_golden_form() {
        let directory = tempfile::tempdir().unwrap();
        let store = TokenStore::File(directory.path().join("tokens.json"));
        assert_eq!(store.load("a").await.unwrap(), None);
        store.save("a", record("t1")).await.unwrap();
        store.save("b", record("t2")).await.unwrap();
        store.save("a", record("t3")).await.unwrap();
        let golden = "{\n  \"a\": {\"login\":\"l\",\"token\":\"t3\",\"obtainedAt\":5,\"replaces\":\"\",\"guard\":{}},\n  \"b\": {\"login\":\"l\",\"token\":\"t2\",\"obtainedAt\":5,\"replaces\":\"\",\"guard\":{}}\n}\n";
        assert_eq!(fs::read_to_string(directory.path().join("tokens.json")).unwrap(), golden);
        assert_eq!(store.load("b").await.unwrap(), Some(record("t2")));
    }

    #[tokio::test]
    async fn a_damaged_file_is_left_byte_identical_and_said() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tokens.json");
        for broken in ["{\"a\": {\"tok", "[1]", "{\"a\": {\"login\": 5}}"] {
            fs::write(&path, broken).unwrap();
            let store = TokenStore::File(path.clone());
            assert!(store.load("a").await.unwrap_err().to_string().contains("repair it"));
            if !broken.ends_with("}}") {
                assert!(store.save("a", record("t")).await.is_err());
                assert_eq!(fs::read_to_string(&path).unwrap(), broken);
            }
        }
    }

    #[test]
    fn unsaved_fields_keep_their_name_on_disk() {
        let fields = Map::from_iter([("refreshToken".to_owned(), Value::from("r1"))]);
        let text = serde_json::to_string(&TokenRecord { unsaved_fields: fields, ..record("t") }).unwrap();
        assert!(text.contains(r#""owed":{"refreshToken":"r1"}"#), "{text}");
        assert_eq!(serde_json::from_str::<TokenRecord>(&text).unwrap().unsaved_fields.len(), 1);
    }

    #[test]
    fn a_record_prints_no_token() {
        assert_eq!(format!("{:?}", record("s3cret")), "TokenRecord(<redacted 6 bytes>)");
    }
}
