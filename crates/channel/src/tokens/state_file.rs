//! The operator's `stateFile`: a JSON object keyed by account id that other programs read and write as well. Only the fields
//! of one account that were asked for change; a file that cannot be read is left as it is, and said.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::files;
use super::json_object::Entries;
use crate::tasks;

/// The file.
#[derive(Debug, Clone)]
pub(super) struct StateFile(pub(super) PathBuf);

impl StateFile {
    /// The fields of an account; empty where file or account are not there yet.
    pub(super) async fn read(&self, account: &str) -> io::Result<Map<String, Value>> {
        let (path, account) = (self.0.clone(), account.to_owned());
        let read = tasks::blocking(move || {
            let entries = load(&path)?;
            entries.get(&account).map_or_else(|| Ok(Map::new()), fields)
        });
        read.await.unwrap_or_else(|| Err(io::Error::other("reading it failed by a bug")))
    }

    /// Merges fields into those of an account.
    pub(super) async fn merge(&self, account: &str, fields: Map<String, Value>) -> io::Result<()> {
        let (path, account) = (self.0.clone(), account.to_owned());
        files::locked(&self.0, move || {
            let merged = merged(load(&path)?, &account, &fields)?;
            files::replace(&path, merged.as_bytes())
        })
        .await
    }
}

fn load(path: &Path) -> io::Result<Entries> {
    files::read(path)?.map_or_else(|| Ok(Entries::default()), |bytes| parse(&bytes))
}

/// The content of a state file.
pub(super) fn parse(bytes: &[u8]) -> io::Result<Entries> {
    Entries::parse(bytes).map_err(|error| {
        let text = format!("it is not a JSON object (line {}); repair it or remove it", error.line());
        io::Error::new(io::ErrorKind::InvalidData, text)
    })
}

/// The content with these fields of an account.
pub(super) fn merged(mut all: Entries, account: &str, fields: &Map<String, Value>) -> io::Result<String> {
    let mut own = match all.get(account) {
        Some(raw) => Entries::parse(raw.get().as_bytes()).map_err(|_| no_object(account))?,
        None => Entries::default(),
    };
    for (name, value) in fields {
        own.set_value(name, value)?;
    }
    all.set(account, RawValue::from_string(own.write(2)?)?);
    Ok(format!("{}\n", all.write(0)?))
}

fn fields(raw: &RawValue) -> io::Result<Map<String, Value>> {
    serde_json::from_str(raw.get()).map_err(|_| no_object("this account"))
}

fn no_object(account: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("what it holds for {account} is not an object; repair it"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, StateFile) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        fs::write(&path, text).unwrap();
        (directory, StateFile(path))
    }

    fn members(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[tokio::test]
    async fn other_accounts_and_unknown_fields_survive_byte_for_byte() {
        let (_directory, state) = file(
            "{\n \"other\": {\"refreshToken\":  \"o\", \"big\": 12345678901234567890123},\n \"support\": {\"deviceId\": \"d\", \"refreshToken\": \"old\", \"x\": [1,  2]},\n \"_comment\": \"mine\"\n}",
        );
        state.merge("support", members(&json!({"refreshToken": "new", "expires": 90}))).await.unwrap();
        let golden = "{\n  \"other\": {\"refreshToken\":  \"o\", \"big\": 12345678901234567890123},\n  \"support\": {\n    \"deviceId\": \"d\",\n    \"refreshToken\": \"new\",\n    \"x\": [1,  2],\n    \"expires\": 90\n  },\n  \"_comment\": \"mine\"\n}\n";
        assert_eq!(fs::read_to_string(&state.0).unwrap(), golden);
        assert_eq!(state.read("support").await.unwrap()["refreshToken"], "new");
    }

    #[tokio::test]
    async fn a_file_or_an_account_that_is_not_there_is_made() {
        let directory = tempfile::tempdir().unwrap();
        let state = StateFile(directory.path().join("new").join("state.json"));
        assert!(state.read("a").await.unwrap().is_empty());
        state.merge("a", members(&json!({"r": "1"}))).await.unwrap();
        state.merge("b", members(&json!({"r": "2"}))).await.unwrap();
        assert_eq!(
            fs::read_to_string(&state.0).unwrap(),
            "{\n  \"a\": {\n    \"r\": \"1\"\n  },\n  \"b\": {\n    \"r\": \"2\"\n  }\n}\n"
        );
    }

    #[tokio::test]
    async fn a_file_that_does_not_parse_is_left_byte_identical_and_said() {
        for broken in ["{\"support\": {\"a\": 1}", "[]", "not json", "{\"support\": 5}"] {
            let (_directory, state) = file(broken);
            assert_eq!(state.read("support").await.unwrap_err().kind(), io::ErrorKind::InvalidData, "{broken}");
            let refused = state.merge("support", members(&json!({"a": 2}))).await.unwrap_err();
            assert!(refused.to_string().contains("repair it"), "{refused}");
            assert_eq!(fs::read_to_string(&state.0).unwrap(), broken);
        }
    }

    #[tokio::test]
    async fn two_writers_lose_nothing() {
        let (_directory, state) = file("{}");
        let writers = (0..2).map(|writer| {
            let state = state.clone();
            tokio::spawn(async move {
                for n in 0..50 {
                    let account = format!("w{writer}");
                    state.merge(&account, members(&json!({format!("f{n}"): n}))).await.unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        for account in ["w0", "w1"] {
            assert_eq!(state.read(account).await.unwrap().len(), 50, "{account}");
        }
    }
}
