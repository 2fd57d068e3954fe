//! Version triples of lists: a client that sends the version it has gets the changes since then.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::limits::VERSION_CHANGES;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Change {
    Insert,
    Update,
    Delete,
}

/// The version and the recent changes of one list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Versions {
    pub(crate) id: String,
    pub(crate) version: u64,
    changes: VecDeque<(u64, String, Change)>,
}

/// The changes that a caller does not have yet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ListChanges {
    /// The caller's version is unknown or too old, so it has to fetch the whole list. The other members are empty then.
    pub(crate) full: bool,
    pub(crate) insert: Vec<String>,
    pub(crate) update: Vec<String>,
    pub(crate) delete: Vec<String>,
}

impl Versions {
    pub(crate) fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), version: 1, changes: VecDeque::new() }
    }

    pub(crate) fn note(&mut self, id: &str, change: Change) {
        self.version += 1;
        self.changes.push_back((self.version, id.into(), change));
        if self.changes.len() > VERSION_CHANGES {
            self.changes.pop_front();
        }
    }

    pub(crate) fn since(&self, version: u64, version_id: &str) -> ListChanges {
        let oldest_known = self.version - self.changes.len() as u64;
        if version_id != self.id || version < oldest_known || version > self.version {
            return ListChanges { full: true, ..ListChanges::default() };
        }
        // The last change of an id counts. An id that was inserted and then updated is still new to the caller.
        let mut last: BTreeMap<&str, Change> = BTreeMap::new();
        for (_, id, change) in self.changes.iter().filter(|(at, ..)| *at > version) {
            let inserted = last.get(id.as_str()) == Some(&Change::Insert);
            last.insert(id, if inserted && *change == Change::Update { Change::Insert } else { *change });
        }
        let of =
            |wanted| last.iter().filter(|(_, change)| **change == wanted).map(|(id, _)| (*id).to_owned()).collect();
        ListChanges { full: false, insert: of(Change::Insert), update: of(Change::Update), delete: of(Change::Delete) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_31_an_unchanged_version_has_empty_lists() {
        let mut versions = Versions::new("v");
        versions.note("g1", Change::Insert);
        assert_eq!(versions.since(2, "v"), ListChanges::default());
    }

    #[test]
    fn a_known_version_gets_changes_and_any_other_the_full_mark() {
        let mut versions = Versions::new("v");
        for (id, change) in [("a", Change::Insert), ("a", Change::Update), ("b", Change::Insert), ("c", Change::Update)]
        {
            versions.note(id, change);
        }
        versions.note("b", Change::Delete);
        let since = versions.since(1, "v");
        assert_eq!((since.insert, since.update, since.delete), (vec!["a".into()], vec!["c".into()], vec!["b".into()]));
        for (version, id) in [(0, ""), (1, "other"), (99, "v"), (0, "v")] {
            assert_eq!(
                versions.since(version, id),
                ListChanges { full: true, ..ListChanges::default() },
                "{version} {id}"
            );
        }
    }

    #[test]
    fn a_version_older_than_the_kept_changes_gets_the_full_mark() {
        let mut versions = Versions::new("v");
        for n in 0..=VERSION_CHANGES {
            versions.note(&n.to_string(), Change::Insert);
        }
        assert!(versions.since(1, "v").full);
        assert_eq!(versions.since(2, "v").insert.len(), VERSION_CHANGES);
    }
}
