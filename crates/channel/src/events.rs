//! The queue of events that wait to be handed over. It is bounded: when it is full, an event with a sequence on the server
//! is not taken and is fetched again later; of the others the oldest are dropped. A value without clock or I/O.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::Event;
use crate::event::WireEvent;
use crate::limits::{EVENTS_BYTES, EVENTS_MAX};

/// Conversation and sequence of an event on the server. Handing the event over settles this place.
pub type Place = (Arc<str>, i64);

#[derive(Debug)]
struct Queued {
    event: Event,
    place: Option<Place>,
}

/// The event queue of one account.
///
/// ```
/// use channel::Event;
/// use channel::events::Events;
///
/// let mut events = Events::default();
/// assert_eq!(events.push(Event::Connected), 0, "nothing was dropped for it");
/// assert!(events.keep(vec![Event::Synced], &("n_group".into(), 7)));
///
/// let (taken, places) = events.take();
/// assert_eq!(taken, [Event::Connected, Event::Synced]);
/// assert_eq!(places, [("n_group".into(), 7)], "these are settled now");
/// ```
#[derive(Debug, Default)]
pub struct Events {
    queue: VecDeque<Queued>,
    kept: usize,
    bytes: usize,
}

impl Events {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Takes an event that exists only here. Returns how many older ones were dropped for it.
    pub fn push(&mut self, event: Event) -> u64 {
        let mut dropped = 0;
        if let Event::WireEvent(WireEvent { name, about: Some(about), .. }) = &event {
            self.remove(|queued| matches!(&queued.event, Event::WireEvent(wire) if wire.name == *name && wire.about.as_ref() == Some(about)));
        }
        while (self.queue.len() - self.kept >= EVENTS_MAX || self.bytes + weight(&event) > EVENTS_BYTES)
            && self.remove(|queued| queued.place.is_none())
        {
            dropped += 1;
        }
        self.add(event, None);
        dropped
    }

    /// Takes the events of one place, all or none. Returns false if there is no room.
    pub fn keep(&mut self, events: Vec<Event>, place: &Place) -> bool {
        let bytes: usize = events.iter().map(weight).sum();
        if self.kept > 0 && (self.kept + events.len() > EVENTS_MAX || self.bytes + bytes > EVENTS_BYTES) {
            return false;
        }
        for event in events {
            self.kept += 1;
            self.add(event, Some(place.clone()));
        }
        true
    }

    /// Whether the events of this place wait to be handed over.
    pub fn holds(&self, conversation: &str, seq: i64) -> bool {
        let here = |place: &Place| *place.0 == *conversation && place.1 == seq;
        self.kept > 0 && self.queue.iter().any(|queued| queued.place.as_ref().is_some_and(here))
    }

    /// The newest place of a conversation up to `seq` whose events wait to be handed over.
    pub fn newest_held(&self, conversation: &str, seq: i64) -> Option<i64> {
        let places = self.queue.iter().filter_map(|queued| queued.place.as_ref());
        places.filter(|place| *place.0 == *conversation && place.1 <= seq).map(|place| place.1).max()
    }

    /// Takes their places from the waiting events of a conversation, because the server counts it anew.
    pub fn forget_places(&mut self, conversation: &str) {
        for queued in &mut self.queue {
            if queued.place.take_if(|place| *place.0 == *conversation).is_some() {
                self.kept -= 1;
            }
        }
    }

    /// Takes everything, in order, and the places that this settles.
    pub fn take(&mut self) -> (Vec<Event>, Vec<Place>) {
        let taken = std::mem::take(self);
        let mut places = Vec::new();
        let events = taken.queue.into_iter().map(|queued| {
            places.extend(queued.place.filter(|place| places.last() != Some(place)));
            queued.event
        });
        (events.collect(), places)
    }

    fn add(&mut self, event: Event, place: Option<Place>) {
        self.bytes += weight(&event);
        self.queue.push_back(Queued { event, place });
    }

    fn remove(&mut self, which: impl FnMut(&Queued) -> bool) -> bool {
        let Some(at) = self.queue.iter().position(which) else { return false };
        if let Some(removed) = self.queue.remove(at) {
            self.bytes -= weight(&removed.event);
            self.kept -= usize::from(removed.place.is_some());
        }
        true
    }
}

fn weight(event: &Event) -> usize {
    match event {
        Event::WireEvent(wire) => wire.data.len() + 128,
        _ => 128,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(name: &'static str, about: Option<&str>, data: &str) -> Event {
        Event::WireEvent(WireEvent { name, about: about.map(str::to_owned), data: data.to_owned() })
    }

    fn datas(events: &mut Events) -> Vec<String> {
        let of = |event| match event {
            Event::WireEvent(wire) => wire.data,
            other => format!("{other:?}"),
        };
        events.take().0.into_iter().map(of).collect()
    }

    #[test]
    fn a_newer_event_about_the_same_replaces_the_older_one() {
        let mut events = Events::default();
        for (about, data) in [("alice", "1"), ("bob", "2"), ("alice", "3")] {
            assert_eq!(events.push(wire("typing", Some(about), data)), 0);
        }
        assert_eq!(events.push(wire("other", Some("alice"), "4")), 0);
        assert_eq!(datas(&mut events), ["2", "3", "4"]);
    }

    #[test]
    fn when_full_the_oldest_event_without_a_place_is_dropped() {
        let mut events = Events::default();
        let place: Place = ("n_g".into(), 7);
        assert!(events.keep(vec![wire("a", None, "kept"), wire("b", None, "kept too")], &place));
        for n in 0..EVENTS_MAX {
            assert_eq!(events.push(wire("x", None, &n.to_string())), 0);
        }
        assert_eq!(events.push(Event::Connected), 1);
        assert!(events.holds("n_g", 7) && !events.holds("n_g", 8));
        let (all, places) = events.take();
        assert_eq!((all.len(), places), (EVENTS_MAX + 2, vec![place]));
        assert!(events.is_empty() && !events.holds("n_g", 7));
    }

    #[test]
    fn a_place_beyond_the_bounds_is_taken_only_if_it_is_the_only_one() {
        let mut events = Events::default();
        let many = |n| vec![wire("a", None, ""); n];
        assert!(events.keep(many(2 * EVENTS_MAX), &("n_a".into(), 1)));
        assert!(!events.keep(many(1), &("n_a".into(), 2)));
        let _ = events.take();
        assert!(events.keep(vec![wire("a", None, &"x".repeat(EVENTS_BYTES))], &("n_a".into(), 2)));
        assert!(!events.keep(many(1), &("n_a".into(), 3)));
        assert_eq!(events.push(wire("typing", None, "")), 0, "nothing to drop for it");
    }
}
