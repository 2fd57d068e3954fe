//! The places of an account's downloads: so many run at once, and fewer of one sender. The others wait, and only so many.

use std::collections::HashMap;
use std::sync::Arc;

use base::{Error, Kind, Result};
use parking_lot::Mutex;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::limits::{DOWNLOADS_AT_ONCE, DOWNLOADS_OF_SENDER, DOWNLOADS_OF_SENDER_WAITING};

/// The downloads of one account.
pub(crate) struct Slots {
    account: Semaphore,
    senders: Mutex<HashMap<String, Sender>>,
}

/// The downloads of one sender's files.
struct Sender {
    running: Arc<Semaphore>,
    /// Those that run and those that wait.
    accepted: Arc<Semaphore>,
}

/// The place of one download.
pub(crate) struct Slot<'a> {
    _sender: Option<[OwnedSemaphorePermit; 2]>,
    _account: SemaphorePermit<'a>,
}

impl Slots {
    pub(crate) fn new() -> Self {
        Self { account: Semaphore::new(DOWNLOADS_AT_ONCE), senders: Mutex::default() }
    }

    /// Waits for a place. A sender of whom too many downloads wait already is refused.
    pub(crate) async fn take(&self, sender: Option<&str>) -> Result<Slot<'_>> {
        let lost = |_: AcquireError| Error::new(Kind::Internal, "a download lost its place; please report this");
        let sender = match sender {
            None => None,
            Some(name) => {
                let (accepted, running) = self.accept(name)?;
                Some([accepted, running.acquire_owned().await.map_err(lost)?])
            }
        };
        Ok(Slot { _sender: sender, _account: self.account.acquire().await.map_err(lost)? })
    }

    fn accept(&self, name: &str) -> Result<(OwnedSemaphorePermit, Arc<Semaphore>)> {
        let mut senders = self.senders.lock();
        senders.retain(|_, sender| sender.is_busy());
        let sender = senders.entry(name.to_owned()).or_default();
        let accepted = sender.accepted.clone().try_acquire_owned().map_err(|_| {
            let text = format!("{DOWNLOADS_OF_SENDER_WAITING} files of one sender wait to be fetched; try again later");
            Error::new(Kind::Backpressure, text)
        })?;
        Ok((accepted, sender.running.clone()))
    }
}

impl Sender {
    const ACCEPTED: usize = DOWNLOADS_OF_SENDER + DOWNLOADS_OF_SENDER_WAITING;

    fn is_busy(&self) -> bool {
        self.accepted.available_permits() < Self::ACCEPTED
    }
}

impl Default for Sender {
    fn default() -> Self {
        let semaphore = |places| Arc::new(Semaphore::new(places));
        Self { running: semaphore(DOWNLOADS_OF_SENDER), accepted: semaphore(Self::ACCEPTED) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    async fn is_free(slots: &Slots, sender: Option<&str>) -> bool {
        timeout(Duration::ZERO, slots.take(sender)).await.is_ok()
    }

    #[tokio::test]
    async fn one_sender_never_has_all_places() {
        let slots = Slots::new();
        let mut held = Vec::new();
        for _ in 0..DOWNLOADS_OF_SENDER {
            held.push(slots.take(Some("mallory")).await.unwrap());
        }
        assert!(!is_free(&slots, Some("mallory")).await && is_free(&slots, Some("alice")).await);
        while held.len() < DOWNLOADS_AT_ONCE {
            held.push(slots.take(Some(&format!("person {}", held.len()))).await.unwrap());
        }
        assert!(!is_free(&slots, None).await);
        held.remove(0);
        assert!(is_free(&slots, Some("mallory")).await);
        drop(held);
        let _held = slots.take(Some("alice")).await.unwrap();
        assert_eq!(slots.senders.lock().len(), 1, "senders without a download are forgotten");
    }

    #[tokio::test]
    async fn a_sender_whose_files_wait_in_large_number_is_refused() {
        let slots = Slots::new();
        let mut taking: Vec<_> = (0..Sender::ACCEPTED).map(|_| Box::pin(slots.take(Some("mallory")))).collect();
        let mut held = Vec::new();
        for taking in &mut taking {
            held.extend(timeout(Duration::ZERO, taking.as_mut()).await.ok());
        }
        assert_eq!(held.len(), DOWNLOADS_OF_SENDER);
        let error = slots.take(Some("mallory")).await.err().unwrap();
        assert_eq!(error.kind(), Kind::Backpressure);
        assert!(is_free(&slots, Some("alice")).await);
        drop(taking);
        assert!(!is_free(&slots, Some("mallory")).await, "it waits now");
    }
}
