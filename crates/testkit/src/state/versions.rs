//! Version triples: a client that shows the version it holds gets what changed since, and nothing when nothing did.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::limits::VERSION_CHANGES;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Change {
    Insert,
    Update,
    Delete,
}

/// The history of one list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Versions {
    pub(crate) id: String,
    pub(crate) version: u64,
    changes: VecDeque<(u64, String, Change)>,
}

/// What a caller has to be told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Since {
    /// The caller's version is unknown or too old: it should fetch the list of ids. The other lists are empty then.
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

    pub(crate) fn since(&self, version: u64, version_id: &str) -> Since {
        let oldest_known = self.version - self.changes.len() as u64;
        if version_id != self.id || version < oldest_known || version > self.version {
            return Since { full: true, ..Since::default() };
        }
        // The last change of an id counts, but what was inserted and then updated is still new to the caller.
        let mut last: BTreeMap<&str, Change> = BTreeMap::new();
        for (_, id, change) in self.changes.iter().filter(|(at, ..)| *at > version) {
            let inserted = last.get(id.as_str()) == Some(&Change::Insert);
            last.insert(id, if inserted && *change == Change::Update { Change::Insert } else { *change });
        }
        let of =
            |wanted| last.iter().filter(|(_, change)| **change == wanted).map(|(id, _)| (*id).to_owned()).collect();
        Since { full: false, insert: of(Change::Insert), update: of(Change::Update), delete: of(Change::Delete) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_31_an_unchanged_version_has_empty_lists() {
        let mut versions = Versions::new("v");
        versions.note("g1", Change::Insert);
        assert_eq!(versions.since(2, "v"), Since::default());
    }

    #[test]
    fn a_known_older_version_gets_the_changes_and_an_unknown_one_a_full_mark() {
        let mut versions = Versions::new("v");
        for (id, change) in [("a", Change::Insert), ("a", Change::Update), ("b", Change::Insert), ("c", Change::Update)]
        {
            versions.note(id, change);
        }
        versions.note("b", Change::Delete);
        let since = versions.since(1, "v");
        assert_eq!((since.insert, since.update, since.delete), (vec!["a".into()], vec!["c".into()], vec!["b".into()]));
        for (version, id) in [(0, ""), (1, "other"), (99, "v"), (0, "v")] {
            assert_eq!(versions.since(version, id), Since { full: true, ..Since::default() }, "{version} {id}");
        }
    }

    #[test]
    fn more_changes_than_are_kept_mean_a_full_mark() {
        let mut versions = Versions::new("v");
        for n in 0..=VERSION_CHANGES {
            versions.note(&n.to_string(), Change::Insert);
        }
        assert!(versions.since(1, "v").full);
        assert_eq!(versions.since(2, "v").insert.len(), VERSION_CHANGES);
    }
}
