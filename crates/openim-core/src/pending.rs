//! Requests that wait for their answers, found by `msgIncr`, each with a deadline.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// Who asked; the caller's own number.
pub type Ticket = u64;

/// One request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// The caller's number for the request.
    pub ticket: Ticket,
    /// The kind of the request.
    pub req_identifier: i32,
}

/// All of one connection. Every request has the same time limit, so deadlines come in the order of asking.
#[derive(Debug, Default)]
pub struct Pending {
    by_incr: HashMap<String, Waiting>,
    deadlines: VecDeque<(Duration, String)>,
}

impl Pending {
    /// How many requests wait.
    pub fn len(&self) -> usize {
        self.by_incr.len()
    }

    /// Whether no request waits.
    pub fn is_empty(&self) -> bool {
        self.by_incr.is_empty()
    }

    /// Waits for the answer to a request until the deadline.
    pub fn add(&mut self, msg_incr: String, waiting: Waiting, deadline: Duration) {
        self.deadlines.push_back((deadline, msg_incr.clone()));
        self.by_incr.insert(msg_incr, waiting);
    }

    /// The request an answer belongs to; none for one that is late, doubled or never asked.
    pub fn answer(&mut self, msg_incr: &str) -> Option<Waiting> {
        let waiting = self.by_incr.remove(msg_incr);
        self.forget_answered();
        waiting
    }

    /// The next request whose time is over.
    pub fn expire(&mut self, now: Duration) -> Option<Waiting> {
        self.forget_answered();
        if self.deadlines.front().is_some_and(|(deadline, _)| *deadline <= now) {
            let (_, incr) = self.deadlines.pop_front()?;
            return self.by_incr.remove(&incr);
        }
        None
    }

    /// When the next request runs out of time.
    pub fn deadline(&self) -> Option<Duration> {
        self.deadlines.front().map(|(deadline, _)| *deadline)
    }

    /// Everything that waits, in the order of asking; nothing waits afterwards.
    pub fn drain(&mut self) -> Vec<Waiting> {
        let incrs = std::mem::take(&mut self.deadlines);
        incrs.iter().filter_map(|(_, incr)| self.by_incr.remove(incr)).collect()
    }

    /// Keeps the deadline queue as short as what waits at its front.
    fn forget_answered(&mut self) {
        while self.deadlines.front().is_some_and(|(_, incr)| !self.by_incr.contains_key(incr)) {
            self.deadlines.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn waiting(ticket: Ticket) -> Waiting {
        Waiting { ticket, req_identifier: 1003 }
    }

    #[test]
    fn answers_find_their_request_in_any_order_and_only_once() {
        let mut pending = Pending::default();
        for ticket in 1..=3 {
            pending.add(format!("i{ticket}"), waiting(ticket), Duration::from_secs(ticket));
        }
        assert_eq!(pending.answer("i2"), Some(waiting(2)));
        assert_eq!(pending.answer("i2"), None);
        assert_eq!(pending.answer("i1"), Some(waiting(1)));
        assert_eq!(pending.deadline(), Some(Duration::from_secs(3)), "answered requests have no deadline left");
        assert_eq!(pending.expire(Duration::from_secs(2)), None);
        assert_eq!(pending.expire(Duration::from_secs(3)), Some(waiting(3)));
        assert!(pending.is_empty() && pending.deadline().is_none());
    }

    #[test]
    fn a_drain_leaves_nothing_waiting() {
        let mut pending = Pending::default();
        for ticket in 1..=3 {
            pending.add(format!("i{ticket}"), waiting(ticket), Duration::from_secs(1));
        }
        pending.answer("i2");
        assert_eq!(pending.drain(), [waiting(1), waiting(3)]);
        assert!(pending.is_empty() && pending.drain().is_empty());
    }
}
