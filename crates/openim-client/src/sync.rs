//! Keeps one connection's conversations complete: asks where they stand, pulls what is missing, and sends messages up in
//! order. The rules are [`Catchup`]'s; here are its clock, its requests and the ledger it reads.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use base::{Error, Kind, Result};
use channel::ledger::Memory;
use channel::{Journal, Link, Offer};
use openim_core::catchup::{Beginning, Catchup, Found, Known, Start, Verdict};
use openim_core::limits::{RESYNC_EVERY, RESYNC_SOON};
use openim_core::wire::pb::{
    ConversationSeqs, GetConversationsHasReadAndMaxSeqReq, GetConversationsHasReadAndMaxSeqResp, GetMaxSeqReq,
    GetMaxSeqResp, GetSeqMessageReq, MsgData, PushMessages,
};
use openim_core::wire::{Malformed, envelope, ops};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::inbound::{self, NotInput};
use crate::requests::Requests;
use crate::sender::Sender;

/// One connection's synchronisation. Pushes come in from the connection, answers from [`Syncer::run`].
pub(crate) struct Syncer<'a> {
    user_id: &'a str,
    link: &'a Link,
    began: Instant,
    catchup: Arc<Mutex<Catchup>>,
    sender: &'a Sender,
    /// There may be something to pull.
    wake: Notify,
}

impl<'a> Syncer<'a> {
    pub(crate) fn new(user_id: &'a str, link: &'a Link, sender: &'a Sender, began: Instant) -> Self {
        let catchup = Arc::default();
        sender.follow(&catchup);
        Self { user_id, link, began, catchup, sender, wake: Notify::new() }
    }

    /// Takes a push. Messages without a sequence go up as they come, the others in order.
    pub(crate) fn push(&self, push: PushMessages) {
        let mut catchup = self.catchup.lock();
        let conversations = push.msgs.into_iter().chain(push.notification_msgs);
        for (conversation, pulled) in conversations {
            let conversation: Arc<str> = conversation.into();
            for message in pulled.msgs {
                if message.seq > 0 {
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
            let pull_at = self.catchup.lock().deadline().map_or(resync, |at| self.began + at);
            tokio::select! {
                biased;
                () = self.wake.notified() => {}
                () = self.link.room.notified() => self.take_up(),
                () = sleep_until(pull_at.min(resync)) => {}
            }
            if Instant::now() >= resync {
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
            let answer = self.fetch(requests, &plan).await;
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

    async fn fetch(&self, requests: &Requests, plan: &[ConversationSeqs]) -> Result<PushMessages> {
        let request = GetSeqMessageReq { user_id: self.user_id.to_owned(), conversations: plan.to_vec(), order: 0 };
        let answer = requests.ask(ops::PULL_MSG_BY_SEQ_LIST, &request).await?;
        envelope::payload(answer.as_deref()).map_err(unreadable)
    }

    async fn newest(&self, requests: &Requests) -> Result<BTreeMap<String, i64>> {
        let answer = requests.ask(ops::GET_NEWEST_SEQ, &GetMaxSeqReq { user_id: self.user_id.to_owned() }).await?;
        let answer: GetMaxSeqResp = envelope::payload(answer.as_deref()).map_err(unreadable)?;
        Ok(answer.max_seqs)
    }

    /// Where conversations without a cursor begin.
    async fn beginning(&self, requests: &Requests) -> Result<Beginning> {
        match self.link.journal.memory() {
            Memory::Whole => Ok(Beginning::Known),
            Memory::New => Ok(Beginning::FirstStart { newest: self.link.past.first_start }),
            Memory::Lost => {
                let request =
                    GetConversationsHasReadAndMaxSeqReq { user_id: self.user_id.to_owned(), ..Default::default() };
                let answer = requests.ask(ops::GET_CONV_MAX_READ_SEQ, &request).await?;
                let answer: GetConversationsHasReadAndMaxSeqResp =
                    envelope::payload(answer.as_deref()).map_err(unreadable)?;
                let read = answer.seqs.into_iter().map(|(id, seqs)| (id, seqs.has_read_seq)).collect();
                Ok(Beginning::ReadPosition(read))
            }
        }
    }

    fn stand_at(&self, maxima: BTreeMap<String, i64>, beginning: Beginning) {
        let journal = &self.link.journal;
        let mut catchup = self.catchup.lock();
        for (conversation, seq) in catchup.resets(&maxima, &self.known()) {
            self.link.sink.note(format!("the server counts conversation {conversation} anew from {seq}; following it"));
            journal.reset(&conversation.into(), seq);
        }
        let past = &self.link.past;
        let start = Start { beginning, away: self.link.away, gap_max: past.max_per_conversation };
        catchup.newest(maxima, &start, &self.known(), &mut |id, seq, found| self.offer(id, seq, found));
        self.report(&mut catchup);
        drop(catchup);
        self.wake.notify_one();
    }

    fn report(&self, catchup: &mut Catchup) {
        for cut in catchup.take_cuts() {
            let text = format!("{} older messages of conversation {} are left out", cut.skipped, cut.conversation);
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
        }
        match inbound::read(conversation, message, self.user_id) {
            Ok(mut message) => {
                message.offline = offline;
                if self.link.sink.message(message) == Offer::Full {
                    return Verdict::Full;
                }
            }
            Err(why) => {
                if why == NotInput::Nameless {
                    self.link.sink.note("skipped a message without a sender".into());
                }
                self.link.journal.pass(conversation, seq);
            }
        }
        Verdict::Done
    }

    fn known(&self) -> View<'_> {
        View(self.link.journal.as_ref())
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
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

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn unreadable(malformed: Malformed) -> Error {
    Error::new(Kind::Protocol, format!("the server's answer to the sync is unreadable: {malformed}"))
}
