//! The ids of the messages that this process has written lately, to tell them from those of another program.

use std::collections::{HashSet, VecDeque};

use crate::limits::OWN_IDS_KEPT;

/// The newest ids, each once.
#[derive(Default)]
pub(crate) struct OwnIds {
    known: HashSet<String>,
    order: VecDeque<String>,
}

impl OwnIds {
    pub(crate) fn add(&mut self, id: &str) {
        if !self.known.insert(id.to_owned()) {
            return;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > OWN_IDS_KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.known.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_ids_are_known_and_older_ones_forgotten() {
        let mut ids = OwnIds::default();
        for n in 0..=OWN_IDS_KEPT {
            ids.add(&n.to_string());
            ids.add(&n.to_string());
        }
        assert!(!ids.contains("0") && ids.contains("1") && ids.contains(&OWN_IDS_KEPT.to_string()));
        assert_eq!(ids.known.len(), OWN_IDS_KEPT);
    }
}
