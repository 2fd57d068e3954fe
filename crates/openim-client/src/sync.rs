//! Keeps one connection's conversations complete: asks where they stand, pulls what is missing, and sends messages up in
//! order. The rules are [`Catchup`]'s; here are its clock, its requests and the ledger it reads.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base::Result;
use channel::ledger::History;
use channel::{Journal, Link, Observation, Offer, WireEvent, WireNotice};
use openim_core::catchup::{Beginning, Catchup, Found, Known, Start, Verdict};
use openim_core::events::{self, ClientEvent, Context, Ignored, NoticeEvents};
use openim_core::limits::{RESYNC_EVERY, RESYNC_SOON, SEQ_MAX};
use openim_core::wire::pb::{MsgData, PushMessages, SubUserOnlineStatusTips};
use openim_core::wire::words;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::calls::Typing;
use crate::inbound::{self, Class};
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
    /// There may be something to pull.
    wake: Notify,
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
        let (skipped, doubts, wake) = (AtomicBool::new(false), AtomicBool::new(false), Notify::new());
        Self { user_id, link, began, catchup: positions.restart(), sender, own, typing, skipped, doubts, wake }
    }

    /// Takes a push. Messages without a sequence go up as they come, the others in order.
    pub(crate) fn push(&self, push: PushMessages) {
        let mut catchup = self.catchup.lock();
        let conversations = push.msgs.into_iter().chain(push.notification_msgs);
        for (conversation, pulled) in conversations {
            let conversation: Arc<str> = conversation.into();
            for message in pulled.msgs {
                if self.sender.is_written_elsewhere(&message) {
                    self.link.sink.observed(Observation::SentElsewhere);
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
        self.report(&mut catchup);
        drop(catchup);
        self.wake.notify_one();
    }

    /// A push that leaps too far is left where it is; where the conversation stands is asked.
    fn doubt(&self, conversation: &Arc<str>, seq: i64) {
        if !self.doubts.swap(true, Ordering::Relaxed) {
            self.link.sink.note(format!(
                "a push counts {} to {seq}, which is too far to be believed unasked",
                words(conversation)
            ));
        }
    }

    /// The first sync. Afterwards the account is online; what was missed is still on its way.
    pub(crate) async fn begin(&self, requests: &Requests) -> Result<()> {
        let maxima = self.newest(requests).await?;
        let beginning = self.beginning(requests).await?;
        self.stand_at(maxima, beginning);
        self.link.journal.begin();
        Ok(())
    }

    /// Pulls and asks again, as long as the connection lives.
    pub(crate) async fn run(&self, requests: &Requests) -> Infallible {
        let mut resync = self.began + RESYNC_SOON;
        loop {
            self.pull(requests).await;
            let pull_at = self.catchup.lock().deadline().map(|at| self.began + at);
            let due = [pull_at, self.typing.deadline()].into_iter().flatten().min().unwrap_or(resync);
            tokio::select! {
                biased;
                () = self.wake.notified() => {}
                () = self.link.room.notified() => self.take_up(),
                () = sleep_until(due.min(resync)) => {}
            }
            self.passing(self.typing.expire());
            if Instant::now() >= resync || self.doubts.swap(false, Ordering::Relaxed) {
                resync = Instant::now() + RESYNC_EVERY;
                // The next one will do as well, and a dead connection ends elsewhere.
                if let Ok(maxima) = self.newest(requests).await {
                    self.stand_at(maxima, Beginning::Known);
                }
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
            match answer {
                Ok(answer) => {
                    let offer = &mut |id: &Arc<str>, seq: i64, found: Found| self.offer(id, seq, found);
                    catchup.answer(&plan, answer, &self.known(), self.now(), offer);
                }
                Err(error) => {
                    self.link
                        .sink
                        .note(format!("missed messages could not be fetched and are asked for again: {error}"));
                    catchup.failed(&plan, self.now());
                }
            }
        }
    }

    async fn newest(&self, requests: &Requests) -> Result<BTreeMap<String, i64>> {
        let mut maxima = requests.max_seqs().await?;
        maxima.retain(|_, seq| (0..=SEQ_MAX).contains(seq));
        Ok(maxima)
    }

    /// Where conversations without a cursor begin.
    async fn beginning(&self, requests: &Requests) -> Result<Beginning> {
        match self.link.journal.history() {
            History::Known => Ok(Beginning::Known),
            History::FirstRun => Ok(Beginning::FirstStart { newest: self.link.offline_policy.first_start }),
            History::Damaged => {
                let positions = requests.positions(Vec::new()).await?;
                let read = positions.into_iter().map(|(id, seqs)| (id, seqs.has_read_seq));
                Ok(Beginning::ReadPosition(read.collect()))
            }
        }
    }

    fn stand_at(&self, maxima: BTreeMap<String, i64>, beginning: Beginning) {
        let journal = &self.link.journal;
        let mut catchup = self.catchup.lock();
        for (conversation, seq) in catchup.resets(&maxima, &self.known()) {
            self.link
                .sink
                .note(format!("the server counts conversation {} anew from {seq}; following it", words(&conversation)));
            journal.reset(&conversation.into(), seq);
        }
        let offline_policy = &self.link.offline_policy;
        let start = Start { beginning, away: self.link.away, gap_max: offline_policy.max_per_conversation };
        catchup.newest(maxima, &start, &self.known(), &mut |id, seq, found| self.offer(id, seq, found));
        self.report(&mut catchup);
        drop(catchup);
        self.wake.notify_one();
    }

    fn report(&self, catchup: &mut Catchup) {
        for cut in catchup.take_cuts() {
            let name = words(&cut.conversation);
            let text = format!("{} older messages of conversation {name} are left out", cut.skipped);
            self.link.sink.note(text);
        }
    }

    fn take_up(&self) {
        self.catchup.lock().room(&self.known(), &mut |id, seq, found| self.offer(id, seq, found));
    }

    fn offer(&self, conversation: &Arc<str>, seq: i64, found: Found) -> Verdict {
        match found {
            Found::Message { message, offline } => return self.deliver(conversation, *message, offline),
            Found::Nothing => self.link.journal.pass(conversation, seq),
            Found::Skip => self.link.journal.skip_to(conversation, seq),
        }
        Verdict::Done
    }

    fn deliver(&self, conversation: &Arc<str>, message: MsgData, offline: bool) -> Verdict {
        let seq = message.seq;
        if message.send_id == self.user_id {
            self.sender.seen(conversation, &message);
            self.own.recent.lock().add_own_message(conversation, seq, &message.client_msg_id);
        }
        let taken = match inbound::class(conversation, &message, self.user_id) {
            Class::Message => {
                let message = inbound::shape(conversation, message, self.user_id);
                self.link.sink.message(channel::Inbound { offline, ..message })
            }
            Class::Notification => self.notification(conversation, &message),
            Class::Unknown => {
                let unknown = events::unknown(&message, conversation);
                self.emit(conversation, seq, message.client_msg_id, &[unknown])
            }
            Class::Typing => self.typing(conversation, &message),
            Class::Misdirected => self.skip(conversation, &message, "it is addressed to somebody else"),
            Class::Nameless => self.skip(conversation, &message, "it names no sender"),
            Class::UncleanId => self.skip(conversation, &message, "the id of its sender or group holds what no id may"),
            Class::Own | Class::Placeholder => self.pass(conversation, seq),
        };
        if taken == Offer::Full { Verdict::Full } else { Verdict::Done }
    }

    fn notification(&self, conversation: &Arc<str>, message: &MsgData) -> Offer {
        let context = Context { self_id: self.user_id, conversation };
        let read = events::read(message, context, &mut self.own.recent.lock());
        match read {
            Ok(NoticeEvents { id, events }) => self.emit(conversation, message.seq, id, &events),
            Err(Ignored::Unreadable) => self.skip(conversation, message, "it is not what its type promises"),
            Err(Ignored::Misplaced) => self.skip(conversation, message, "its sender has no say in what it tells"),
        }
    }

    fn emit(&self, conversation: &Arc<str>, seq: i64, id: String, events: &[ClientEvent]) -> Offer {
        if events.is_empty() {
            return self.pass(conversation, seq);
        }
        if events.iter().any(|event| event.name == events::SELF_INFO_UPDATED) {
            self.own.changed.notify_one();
        }
        self.link.sink.event(WireNotice {
            conversation: conversation.clone(),
            seq,
            id,
            events: events.iter().map(|event| wire_event(event, None)).collect(),
        })
    }

    fn typing(&self, conversation: &Arc<str>, message: &MsgData) -> Offer {
        self.passing(self.typing.heard(conversation, message));
        self.wake.notify_one();
        self.pass(conversation, message.seq)
    }

    /// Users that were asked for came or went.
    pub(crate) fn status(&self, tips: &SubUserOnlineStatusTips) {
        self.passing(tips.subscribers.iter().map(events::online_status));
    }

    /// The connection is over: nobody is known to be typing.
    pub(crate) fn end(&self) {
        self.passing(self.typing.end());
    }

    /// Events of the moment: a newer one about the same person makes the older one void.
    fn passing(&self, events: impl IntoIterator<Item = ClientEvent>) {
        for event in events {
            let about = ["conversationID", "userID"].map(|name| event.data[name].as_str().unwrap_or_default());
            let events = vec![wire_event(&event, Some(about.join("\n")))];
            self.link.sink.event(WireNotice { conversation: "".into(), seq: 0, id: String::new(), events });
        }
    }

    fn skip(&self, conversation: &Arc<str>, message: &MsgData, why: &str) -> Offer {
        // Once per connection: whoever writes such things could write many.
        if !self.skipped.swap(true, Ordering::Relaxed) {
            let (kind, sender) = (message.content_type, &message.send_id);
            self.link.sink.note(format!(
                "skipped a message of type {kind} from \"{}\" in {}: {why}",
                words(sender),
                words(conversation)
            ));
        }
        self.pass(conversation, message.seq)
    }

    fn pass(&self, conversation: &Arc<str>, seq: i64) -> Offer {
        if seq > 0 {
            self.link.journal.pass(conversation, seq);
        }
        Offer::Taken
    }

    fn known(&self) -> View<'_> {
        View(self.link.journal.as_ref())
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

fn wire_event(event: &ClientEvent, about: Option<String>) -> WireEvent {
    WireEvent { name: event.name, data: event.data.to_string(), about }
}

/// The ledger as [`Catchup`] reads it.
struct View<'a>(&'a dyn Journal);

impl Known for View<'_> {
    fn cursor(&self, conversation: &str) -> Option<i64> {
        self.0.cursor(conversation)
    }

    fn has(&self, conversation: &str, seq: i64) -> bool {
        self.0.has(conversation, seq)
    }

    fn room(&self, conversation: &str) -> usize {
        self.0.room(conversation)
    }
}
