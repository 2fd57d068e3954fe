//! The pump of one login: takes batches from the account and hands them to JavaScript.
//!
//! It owns the only callback. The callback is weak, so that a client never keeps a process alive, and it is dropped
//! when the login ends. At most two batches are with JavaScript at once; the next is taken when one of them settles.
//! JavaScript throws nothing into native code: `js/unpack.js` catches and settles. When the environment is gone, the
//! pump ends and stops the account.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use base::Result;
use channel::{Account, Batch};
use futures_util::FutureExt as _;
use napi::bindgen_prelude::{Float64Array, FnArgs, Function, JsValue as _, ToNapiValue};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue};
use napi::{Env, Status, sys};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::batch::pack;
use crate::limits::BATCHES_OUTSTANDING;
use crate::packed::{Packed, Text};
use crate::scripts;
use crate::trace::TraceBuffer;

/// The JavaScript side of a batch: its number, and what `js/unpack.js` makes objects of.
pub(crate) type Arguments = FnArgs<(u32, Float64Array, Text, Vec<Text>)>;
pub(crate) type Deliver<'env> = Function<'env, Arguments, UnknownReturnValue>;

/// Weak, not error-first.
pub(crate) type Callback = ThreadsafeFunction<(u32, Packed), UnknownReturnValue, Arguments, Status, false, true>;

/// What one login and its JavaScript side share.
pub(crate) struct Pump {
    /// Weak: JavaScript's garbage holds the pump for a while after the login, and would hold sockets with it.
    account: OnceLock<Weak<Account>>,
    /// Whether a settled batch settles its messages.
    acks: bool,
    /// The login is over: nothing is handed over any more.
    closed: CancellationToken,
    slots: Arc<Semaphore>,
    taken: Mutex<Taken>,
    panics: AtomicU64,
    /// Lines for the operator from before the account's own.
    notes: Mutex<Vec<String>>,
    /// What the core traces about this login, where it is wanted.
    trace: Option<Arc<TraceBuffer>>,
    #[cfg(feature = "probes")]
    pub(crate) panic_next: std::sync::atomic::AtomicBool,
}

#[derive(Default)]
struct Taken {
    last: u32,
    batches: HashMap<u32, Held>,
}

/// A batch that JavaScript has not settled.
struct Held {
    deliveries: Vec<u64>,
    crossed: bool,
    _slot: OwnedSemaphorePermit,
}

impl Pump {
    pub(crate) fn new(acks: bool, trace: Option<Arc<TraceBuffer>>, closed: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            account: OnceLock::new(),
            acks,
            closed,
            slots: Arc::new(Semaphore::new(BATCHES_OUTSTANDING)),
            taken: Mutex::default(),
            panics: AtomicU64::new(0),
            notes: Mutex::default(),
            trace,
            #[cfg(feature = "probes")]
            panic_next: std::sync::atomic::AtomicBool::new(false),
        })
    }

    /// Adds a line to the log lines of the next batch.
    pub(crate) fn note(&self, line: String) {
        self.notes.lock().push(line);
    }

    pub(crate) fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }

    /// JavaScript has taken a batch, or refused it.
    pub(crate) fn settle(&self, number: u32, taken: bool) {
        let held = self.taken.lock().batches.remove(&number);
        let (Some(held), Some(account)) = (held, self.account.get().and_then(Weak::upgrade)) else {
            return;
        };
        match (self.acks, taken) {
            (true, true) => account.ack(&held.deliveries),
            // A callback that failed may have settled nothing itself; what it has settled stays settled.
            (_, false) => account.nack(&held.deliveries),
            (false, true) => {}
        }
    }

    /// Makes the callback; on the JavaScript thread.
    pub(crate) fn callback(&self, deliver: &Deliver<'_>) -> Result<Callback> {
        let closed = self.closed.clone();
        let built = deliver
            .build_threadsafe_function::<(u32, Packed)>()
            .weak::<true>()
            .callee_handled::<false>()
            .build_callback(move |call| {
                let (number, packed) = call.value;
                // Number 0 tells the script that the login is over: after a logout no callback runs.
                let number = if closed.is_cancelled() { 0 } else { number };
                Ok((number, packed.numbers.into(), packed.text, packed.longs).into())
            });
        built.map_err(|error| scripts::broken(&error))
    }

    /// Runs until the account has ended or the login is over. A panic is counted and the pump goes on; the batch it
    /// had in hand comes again.
    pub(crate) async fn run(self: Arc<Self>, account: Arc<Account>, callback: Callback) {
        let _ = self.account.set(Arc::downgrade(&account));
        while AssertUnwindSafe(self.turns(&account, &callback)).catch_unwind().await.is_err() {
            self.panics.fetch_add(1, Ordering::Relaxed);
            self.give_back(&account);
        }
    }

    async fn turns(&self, account: &Account, callback: &Callback) {
        loop {
            let next = tokio::select! {
                () = self.closed.cancelled() => return account.cancel(),
                next = self.next(account) => next,
            };
            let Some((number, batch)) = next else { return };
            #[cfg(feature = "probes")]
            crate::armed_panic::panic_if(&self.panic_next, "pump");
            let lines = self.trace.as_ref().map(|trace| trace.take()).unwrap_or_default();
            let packed = pack(&batch, &lines, account.id());
            if callback.call((number, packed), ThreadsafeFunctionCallMode::NonBlocking) != Status::Ok {
                // The environment is going: nobody takes anything any more.
                return account.cancel();
            }
            if let Some(held) = self.taken.lock().batches.get_mut(&number) {
                held.crossed = true;
            }
        }
    }

    /// Waits for room on the JavaScript side, then for something to hand over.
    async fn next(&self, account: &Account) -> Option<(u32, Batch)> {
        let slot = self.slots.clone().acquire_owned().await.ok()?;
        let mut batch = tokio::select! {
            biased;
            batch = account.next_batch() => batch?,
            () = self.traced() => Batch::default(),
        };
        batch.notes.append(&mut self.notes.lock());
        let mut taken = self.taken.lock();
        // Numbers come round after four thousand million batches; 0 is never one.
        taken.last = taken.last.checked_add(1).unwrap_or(1);
        let number = taken.last;
        let held = Held {
            deliveries: batch.messages.iter().map(|delivery| delivery.number).collect(),
            crossed: false,
            _slot: slot,
        };
        taken.batches.insert(number, held);
        Some((number, batch))
    }

    /// Waits for traced lines.
    async fn traced(&self) {
        match &self.trace {
            Some(trace) => trace.filled().await,
            None => std::future::pending().await,
        }
    }

    /// Refuses what was in hand when the pump panicked.
    fn give_back(&self, account: &Account) {
        let mut taken = self.taken.lock();
        let lost: Vec<u32> =
            taken.batches.iter().filter(|(_, held)| !held.crossed).map(|(number, _)| *number).collect();
        let lost: Vec<Held> = lost.iter().filter_map(|number| taken.batches.remove(number)).collect();
        drop(taken);
        for held in lost {
            account.nack(&held.deliveries);
        }
    }
}

#[expect(unsafe_code, reason = "napi's conversion trait is unsafe; the calls inside are safe ones")]
impl ToNapiValue for Text {
    unsafe fn to_napi_value(env: sys::napi_env, text: Self) -> napi::Result<sys::napi_value> {
        let env = Env::from_raw(env);
        let string = match &text {
            Self::Latin1(bytes) => env.create_string_latin1(bytes),
            Self::Utf16(units) => env.create_string_utf16(units),
        };
        string.map(|string| string.raw())
    }
}
