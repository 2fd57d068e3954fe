//! Pages and version triples, in requests and in answers.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::limits::PAGE_MAX;
use crate::model::versions::{ListChanges, Versions};
use crate::refusal::Refusal;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Pagination {
    page_number: i64,
    show_number: i64,
}

impl Pagination {
    /// The page of `all`. Both numbers start at 1.
    pub(crate) fn cut<T>(&self, all: impl IntoIterator<Item = T>) -> Result<Vec<T>, Refusal> {
        let wrong = || Refusal::args("pagination: pageNumber and showNumber start at 1");
        let page = usize::try_from(self.page_number).ok().filter(|page| *page > 0).ok_or_else(wrong)?;
        let show = usize::try_from(self.show_number).ok().filter(|show| *show > 0).ok_or_else(wrong)?;
        Ok(all.into_iter().skip((page - 1).saturating_mul(show)).take(show.min(PAGE_MAX)).collect())
    }
}

/// The version of a list that a client has.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct KnownVersion {
    #[serde(alias = "groupID")]
    #[serde(rename = "userID")]
    pub(crate) id: String,
    pub(crate) version: u64,
    #[serde(rename = "versionID")]
    pub(crate) version_id: String,
}

impl KnownVersion {
    pub(crate) fn since(&self, versions: &Versions) -> ListChanges {
        versions.since(self.version, &self.version_id)
    }
}

/// `{version, versionID, full, delete, insert, update}`. `show` turns an id into an entry of the list; none if the entry
/// no longer exists.
pub(crate) fn incremental(versions: &Versions, since: &ListChanges, show: impl Fn(&String) -> Option<Value>) -> Value {
    json!({
        "version": versions.version,
        "versionID": versions.id,
        "full": since.full,
        "delete": or_null(since.delete.clone()),
        "insert": or_null(since.insert.iter().filter_map(&show).collect::<Vec<_>>()),
        "update": or_null(since.update.iter().filter_map(&show).collect::<Vec<_>>()),
    })
}

/// An empty list is null, as in the real server's answers, because the JS package reads the first element of any other
/// list.
fn or_null<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// `{version, versionID, equal, <name>: ids}`.
pub(crate) fn full_ids(versions: &Versions, name: &str, ids: Vec<String>) -> Value {
    // `equal` says that the client's list is up to date. This server does not compare lists, so it never says that.
    let mut data = json!({ "version": versions.version, "versionID": versions.id, "equal": false });
    data[name] = ids.into();
    data
}
