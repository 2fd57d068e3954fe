//! Events on their way up. Bounded: of what nobody can ask for again the oldest goes when it is full; what stands under a
//! sequence is not taken then, and is asked for again. A value without clock or I/O.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::Event;
use crate::event::WireEvent;
use crate::limits::{EVENTS_BYTES, EVENTS_MAX};

/// Where an event stands on the server; handing it over settles that place.
pub type Place = (Arc<str>, i64);

#[derive(Debug)]
struct Queued {
    event: Event,
    place: Option<Place>,
}

/// The queue of one account.
#[derive(Debug, Default)]
pub struct Events {
    queue: VecDeque<Queued>,
    kept: usize,
    bytes: usize,
}

impl Events {
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Takes an event that exists only here. Says how many older ones went for it.
    pub fn push(&mut self, event: Event) -> u64 {
        let mut dropped = 0;
        if let Event::WireEvent(WireEvent { name, about: Some(about), .. }) = &event {
            self.remove(|queued| matches!(&queued.event, Event::WireEvent(told) if told.name == *name && told.about.as_ref() == Some(about)));
        }
        while (self.queue.len() - self.kept >= EVENTS_MAX || self.bytes + weight(&event) > EVENTS_BYTES)
            && self.remove(|queued| queued.place.is_none())
        {
            dropped += 1;
        }
        self.add(event, None);
        dropped
    }

    /// Takes the events of one place, all or none.
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

    /// Everything, in order, and the places that are settled by it.
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
        Event::WireEvent(told) => told.data.len() + 128,
        _ => 128,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &'static str, about: Option<&str>, data: &str) -> Event {
        Event::WireEvent(WireEvent { name, about: about.map(str::to_owned), data: data.to_owned() })
    }

    fn datas(events: &mut Events) -> Vec<String> {
        let of = |event| match event {
            Event::WireEvent(told) => told.data,
            other => format!("{other:?}"),
        };
        events.take().0.into_iter().map(of).collect()
    }

    #[test]
    fn a_newer_event_about_the_same_replaces_the_older_and_takes_its_place_at_the_end() {
        let mut events = Events::default();
        for (about, data) in [("alice", "1"), ("bob", "2"), ("alice", "3")] {
            assert_eq!(events.push(told("typing", Some(about), data)), 0);
        }
        assert_eq!(events.push(told("other", Some("alice"), "4")), 0);
        assert_eq!(datas(&mut events), ["2", "3", "4"]);
    }

    #[test]
    fn when_full_the_oldest_that_exists_only_here_goes_and_what_has_a_place_stays() {
        let mut events = Events::default();
        let place: Place = ("n_g".into(), 7);
        assert!(events.keep(vec![told("a", None, "kept"), told("b", None, "kept too")], &place));
        for n in 0..EVENTS_MAX {
            assert_eq!(events.push(told("x", None, &n.to_string())), 0);
        }
        assert_eq!(events.push(Event::Connected), 1);
        assert!(events.holds("n_g", 7) && !events.holds("n_g", 8));
        let (all, places) = events.take();
        assert_eq!((all.len(), places), (EVENTS_MAX + 2, vec![place]));
        assert!(events.is_empty() && !events.holds("n_g", 7));
    }

    #[test]
    fn a_place_is_not_taken_beyond_the_bounds_unless_it_is_the_only_one() {
        let mut events = Events::default();
        let many = |n| vec![told("a", None, ""); n];
        assert!(events.keep(many(2 * EVENTS_MAX), &("n_a".into(), 1)));
        assert!(!events.keep(many(1), &("n_a".into(), 2)));
        let _ = events.take();
        assert!(events.keep(vec![told("a", None, &"x".repeat(EVENTS_BYTES))], &("n_a".into(), 2)));
        assert!(!events.keep(many(1), &("n_a".into(), 3)));
        assert_eq!(events.push(told("typing", None, "")), 0, "nothing to drop for it");
    }
}
