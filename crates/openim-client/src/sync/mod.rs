//! Keeps one connection's conversations complete: asks where they stand, pulls what is missing, and sends messages up in
//! order. The rules are [`Catchup`]'s; here are its clock, its requests and the ledger it reads. `standing.rs` asks where
//! conversations stand, `joins.rs` when the account came into a group, and `handing.rs` hands messages over.

mod handing;
mod joins;
mod standing;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base::{Kind, Result};
use channel::{Journal, Link, Observation};
use openim_core::catchup::{Beginning, Catchup, Found, Known, Report};
use openim_core::limits::{RESYNC_EVERY, RESYNC_SOON};
use openim_core::message::options;
use openim_core::wire::pb::PushMessages;
use openim_core::wire::words;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

use self::standing::retry_wait;
use crate::calls::Typing;
use crate::positions::Positions;
use crate::requests::Requests;
use crate::self_state::SelfState;
use crate::sender::Sender;

/// One connection's synchronisation. Pushes come in from the connection, answers from [`Syncer::run`].
pub(crate) struct Syncer<'a> {
    user_id: &'a str,
    link: &'a Link,
    began: Instant,
    catchup: Arc<Mutex<Catchup>>,
    sender: &'a Sender,
    own: &'a SelfState,
    typing: &'a Typing,
    /// A notification was skipped in this connection, and it was said.
    skipped: AtomicBool,
    /// A push told what only the server's own word can confirm.
    doubts: AtomicBool,
    /// ... and it was said.
    doubted: AtomicBool,
    /// There may be something to pull.
    wake: Notify,
    /// Conversations that the ledger knows and the last list left out.
    unlisted: Mutex<Vec<String>>,
    /// Somebody has begun to type, or gone on.
    typists: Notify,
    /// There may be groups of which is to be asked when the account came in.
    groups: Notify,
}

impl<'a> Syncer<'a> {
    pub(crate) fn new(
        user_id: &'a str,
        link: &'a Link,
        positions: &Positions,
        sender: &'a Sender,
        own: &'a SelfState,
        typing: &'a Typing,
        began: Instant,
    ) -> Self {
        Self {
            user_id,
            link,
            began,
            catchup: positions.restart(user_id),
            sender,
            own,
            typing,
            skipped: AtomicBool::new(false),
            doubts: AtomicBool::new(false),
            doubted: AtomicBool::new(false),
            wake: Notify::new(),
            unlisted: Mutex::default(),
            typists: Notify::new(),
            groups: Notify::new(),
        }
    }

    /// Takes a push. Messages without a sequence of the server's go up as they come, the others in order.
    pub(crate) fn push(&self, push: PushMessages) {
        let mut catchup = self.catchup.lock();
        let conversations = push.msgs.into_iter().chain(push.notification_msgs);
        for (conversation, pulled) in conversations {
            let conversation: Arc<str> = conversation.into();
            for mut message in pulled.msgs {
                if self.sender.is_written_elsewhere(&message) {
                    self.link.sink.observed(Observation::SentElsewhere);
                }
                if !options::is_on(&message.options, options::HISTORY) {
                    // The server numbers only what it stores; in what it does not, the number is the sender's.
                    message.seq = 0;
                }
                if !catchup.believes(&conversation, message.seq, &self.known()) {
                    self.doubt(&conversation, message.seq);
                } else if message.seq > 0 {
                    catchup
                        .push(&conversation, message, &self.known(), &mut |id, seq, found| self.offer(id, seq, found));
                } else {
                    self.deliver(&conversation, message, false);
                }
            }
        }
        self.follow_up(catchup);
    }

    /// A push that leaps too far is left where it is; where the conversation stands is asked.
    fn doubt(&self, conversation: &Arc<str>, seq: i64) {
        self.doubts.store(true, Ordering::Relaxed);
        if !self.doubted.swap(true, Ordering::Relaxed) {
            self.link.sink.note(format!(
                "a push counts {} to {seq}, which is too far to be believed unasked",
                words(conversation)
            ));
        }
    }

    /// The first sync, repeated until the server answers it. Afterwards the account is online; what was missed is still on
    /// its way.
    pub(crate) async fn begin(&self, requests: &Requests) -> Result<()> {
        let mut failures = 0;
        loop {
            let error = match self.first_sync(requests, failures).await {
                Ok(()) => break,
                Err(error) if error.kind() == Kind::Offline => return Err(error),
                Err(error) => error,
            };
            failures += 1;
            let wait = retry_wait(failures);
            self.link.sink.note(format!(
                "the server does not say where the conversations stand; asking again in {} s: {error}",
                wait.as_secs()
            ));
            self.link.sink.troubled(&error);
            sleep(wait).await;
        }
        self.link.journal.begin();
        Ok(())
    }

    /// Pulls and asks again, as long as the connection lives.
    pub(crate) async fn run(&self, requests: &Requests) -> Infallible {
        // A fresh connection is not pushed to at once, however long it took to make it.
        let mut resync = Instant::now() + RESYNC_SOON;
        let mut failures = 0;
        loop {
            self.ask_for_unlisted(requests).await;
            self.pull(requests).await;
            let due = self.catchup.lock().deadline().map_or(resync, |at| self.began + at);
            tokio::select! {
                biased;
                () = self.wake.notified() => {}
                () = self.link.room.notified() => self.take_up(),
                () = sleep_until(due.min(resync)) => {}
            }
            let is_doubtful = self.catchup.lock().take_doubt();
            if self.doubts.swap(false, Ordering::Relaxed) || is_doubtful {
                resync = resync.min(Instant::now() + RESYNC_SOON);
            }
            if Instant::now() >= resync {
                let asked = self.resync(requests, &mut failures).await;
                resync = Instant::now() + asked;
            }
        }
    }

    /// Tells when somebody who was typing has stopped, as long as the connection lives.
    pub(crate) async fn expire_typing(&self) -> Infallible {
        loop {
            let due = self.typing.deadline().unwrap_or_else(|| Instant::now() + RESYNC_EVERY);
            tokio::select! {
                biased;
                () = self.typists.notified() => {}
                () = sleep_until(due) => {}
            }
            self.passing(self.typing.expire());
        }
    }

    /// Asks where the conversations stand. Returns when to ask again.
    async fn resync(&self, requests: &Requests, failures: &mut u32) -> Duration {
        match self.newest(requests).await {
            Ok(maxima) => {
                *failures = 0;
                self.stand_at(maxima, Beginning::Known);
                RESYNC_EVERY
            }
            Err(error) => {
                *failures += 1;
                // A dead connection ends elsewhere.
                if *failures == 1 {
                    self.link.sink.note(format!("the server does not say where the conversations stand: {error}"));
                }
                retry_wait(*failures)
            }
        }
    }

    async fn pull(&self, requests: &Requests) {
        loop {
            let plan = self.catchup.lock().plan(&self.known(), self.now());
            if plan.is_empty() {
                return;
            }
            let answer = requests.pull(plan.clone()).await;
            let mut catchup = self.catchup.lock();
            let offer = &mut |id: &Arc<str>, seq: i64, found: Found| self.offer(id, seq, found);
            match answer {
                Ok(answer) => catchup.answer(&plan, answer, &self.known(), self.now(), offer),
                Err(error) => {
                    self.link
                        .sink
                        .note(format!("missed messages could not be fetched and are asked for again: {error}"));
                    catchup.failed(&plan, &self.known(), self.now(), offer);
                }
            }
            self.follow_up(catchup);
        }
    }

    /// What follows every step of catching up.
    fn follow_up(&self, mut catchup: MutexGuard<'_, Catchup>) {
        let reports = catchup.take_reports();
        drop(catchup);
        for report in reports {
            self.link.sink.note(words_of(&report));
        }
        self.wake.notify_one();
        self.groups.notify_one();
    }

    fn take_up(&self) {
        let mut catchup = self.catchup.lock();
        catchup.room(&self.known(), &mut |id, seq, found| self.offer(id, seq, found));
        self.follow_up(catchup);
    }

    fn known(&self) -> View<'_> {
        View(self.link.journal.as_ref())
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

/// A report as a line for the operator.
fn words_of(report: &Report) -> String {
    match report {
        Report::Cut { conversation, skipped } => {
            format!("{skipped} older messages of conversation {} are left out", words(conversation))
        }
        Report::Unfetchable { conversation, seq } => format!(
            "message {seq} of conversation {} cannot be fetched although others can; it is left out",
            words(conversation)
        ),
        Report::CountedAnew { conversation, max } => {
            format!("the server counts conversation {} anew from {max}; following it", words(conversation))
        }
        Report::TooManyConversations => {
            "the server names more conversations than are kept, or longer ones; the rest is not followed".to_owned()
        }
    }
}

/// The ledger as [`Catchup`] reads it.
struct View<'a>(&'a dyn Journal);

impl Known for View<'_> {
    fn cursor(&self, conversation: &str) -> Option<i64> {
        self.0.cursor(conversation)
    }

    fn run_below(&self, conversation: &str, seq: i64) -> Option<(i64, i64)> {
        self.0.run_below(conversation, seq)
    }

    fn delivered(&self, conversation: &str) -> i64 {
        self.0.delivered(conversation)
    }

    fn knows(&self, conversation: &str, id: &str) -> bool {
        self.0.knows(conversation, id)
    }

    fn room(&self, conversation: &str) -> usize {
        self.0.room(conversation)
    }
}
