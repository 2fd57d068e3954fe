//! The running server behind one lock: the model, the faults and the live connections. Gateway, REST API and storage
//! read and change it; the server owns it.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use base::RandomSource;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connections::Connections;
use crate::connections::connection::Connection;
use crate::faults::Faults;
use crate::model::Model;
use crate::model::outgoing::Push;

/// Everything that the lock guards.
pub(crate) struct State {
    pub(crate) model: Model,
    pub(crate) faults: Faults,
    pub(crate) connections: Connections,
    /// Requests on connections so far, by `reqIdentifier`.
    pub(crate) request_counts: BTreeMap<i32, u64>,
    /// A task waits for the end of the present batch.
    is_batch_timed: bool,
}

impl State {
    /// The user's live connections.
    pub(crate) fn connections_of(&self, user_id: &str) -> Vec<Arc<Connection>> {
        let sessions = self.model.sessions.of(user_id).iter();
        sessions.filter_map(|session| self.connections.get(session.id)).cloned().collect()
    }

    /// Forgets a connection that has ended.
    pub(crate) fn disconnect(&mut self, connection: &Connection) {
        self.connections.remove(connection.id);
        self.model.log_out(connection.id, &connection.user_id);
    }

    /// Writes the frames that the model has produced to the connections.
    fn write_outgoing(&mut self) {
        for outgoing in self.model.take_outgoing() {
            self.connections.write(outgoing, &self.faults);
        }
    }
}

pub(crate) struct Backend {
    me: Weak<Self>,
    state: Mutex<State>,
    /// Counts changes, for tests and the data directory, which wait for one.
    changes: watch::Sender<u64>,
    /// Cancelled when the server stops.
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl Backend {
    pub(crate) fn new(model: Model, random: Arc<dyn RandomSource>) -> Arc<Self> {
        let state = State {
            model,
            faults: Faults::none(random),
            connections: Connections::default(),
            request_counts: BTreeMap::new(),
            is_batch_timed: false,
        };
        Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            state: Mutex::new(state),
            changes: watch::Sender::new(0),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// Reads or writes the state, then writes the frames that came of it. Messages that were accepted meanwhile are stored
    /// at the end of their batch. Never held across an await.
    pub(crate) fn change<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        let result = {
            let mut state = self.state.lock();
            let result = with(&mut state);
            self.store_when_due(&mut state);
            state.write_outgoing();
            result
        };
        self.changes.send_modify(|count| *count += 1);
        result
    }

    /// Reads the state.
    pub(crate) fn look<T>(&self, with: impl FnOnce(&State) -> T) -> T {
        with(&self.state.lock())
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Stores the waiting messages, or starts a task that does so at the end of their batch.
    fn store_when_due(&self, state: &mut State) {
        let Some(due) = state.model.transfer.due() else { return };
        // Without a runtime there is nobody who could wait.
        let waits = due > Instant::now() && Handle::try_current().is_ok();
        let Some(backend) = self.me.upgrade().filter(|_| waits) else {
            state.model.store_waiting();
            return;
        };
        if std::mem::replace(&mut state.is_batch_timed, true) {
            return;
        }
        self.tasks.spawn(async move {
            tokio::select! {
                () = backend.stop.cancelled() => {}
                () = sleep_until(due) => {}
            }
            backend.change(|state| {
                state.is_batch_timed = false;
                state.model.store_waiting();
            });
        });
    }

    /// Makes a withheld message readable and pushes it after this time; without a time it stays withheld.
    pub(crate) fn release_later(self: &Arc<Self>, after: Option<Duration>, push: Push) {
        let Some(after) = after else { return };
        let backend = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = backend.stop.cancelled() => {}
                () = tokio::time::sleep(after) => backend.change(|state| state.model.release(&push)),
            }
        });
    }
}
