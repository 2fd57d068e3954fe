//! Requests that wait for their answers, found by `msgIncr`, each with a deadline.

use std::collections::{BTreeMap, HashMap};
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

#[derive(Debug)]
struct Request {
    waiting: Waiting,
    deadline: Duration,
    /// Its place in the order of asking.
    order: u64,
}

/// All of one connection.
#[derive(Debug, Default)]
pub struct Pending {
    by_incr: HashMap<String, Request>,
    deadlines: BTreeMap<(Duration, u64), String>,
    asked: u64,
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
        self.asked += 1;
        self.deadlines.insert((deadline, self.asked), msg_incr.clone());
        self.by_incr.insert(msg_incr, Request { waiting, deadline, order: self.asked });
    }

    /// The request an answer belongs to; none for one that is late, doubled or never asked.
    pub fn answer(&mut self, msg_incr: &str) -> Option<Waiting> {
        let request = self.by_incr.remove(msg_incr)?;
        self.deadlines.remove(&(request.deadline, request.order));
        Some(request.waiting)
    }

    /// The next request whose time is over.
    pub fn expire(&mut self, now: Duration) -> Option<Waiting> {
        let next = self.deadlines.first_entry().filter(|next| next.key().0 <= now)?;
        let msg_incr = next.remove();
        self.by_incr.remove(&msg_incr).map(|request| request.waiting)
    }

    /// When the next request runs out of time.
    pub fn deadline(&self) -> Option<Duration> {
        self.deadlines.first_key_value().map(|((deadline, _), _)| *deadline)
    }

    /// Everything that waits, in the order of asking; nothing waits afterwards.
    pub fn drain(&mut self) -> Vec<Waiting> {
        self.deadlines.clear();
        let mut requests: Vec<_> = std::mem::take(&mut self.by_incr).into_values().collect();
        requests.sort_unstable_by_key(|request| request.order);
        requests.into_iter().map(|request| request.waiting).collect()
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
    fn a_request_with_a_longer_deadline_holds_up_no_shorter_one() {
        let mut pending = Pending::default();
        pending.add("slow".into(), waiting(1), Duration::from_secs(40));
        pending.add("quick".into(), waiting(2), Duration::from_secs(10));
        assert_eq!(pending.deadline(), Some(Duration::from_secs(10)));
        assert_eq!(pending.expire(Duration::from_secs(10)), Some(waiting(2)));
        assert_eq!(pending.expire(Duration::from_secs(39)), None);
        assert_eq!(pending.drain(), [waiting(1)]);
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
