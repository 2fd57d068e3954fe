//! Faults of the server as a whole: rules, percentages, sequences, clock, storage and ports.

use std::time::Duration;

use super::Server;
use crate::faults::listener::{ListenerState, Port};
use crate::faults::rates::FaultRates;
use crate::faults::rules::FaultRule;
use crate::faults::storage::StorageFaults;
use crate::token_endpoint::{TokenEndpointConfig, TokenEndpointReport};

impl Server {
    /// Replaces the percentages of random faults.
    pub fn set_fault_rates(&self, rates: FaultRates) {
        self.change(|state| {
            state.faults.rates = rates;
            state.connections.write_swapped();
        });
    }

    /// Replaces the fault rules.
    pub fn set_rules(&self, rules: Vec<FaultRule>) {
        self.change(|state| state.faults.rules.set(rules));
    }

    /// The number of requests of this kind that connections have made so far.
    pub fn request_count(&self, op: i32) -> u64 {
        self.look(|state| state.request_counts.get(&op).copied().unwrap_or_default())
    }

    /// Replaces the faults of the object storage.
    pub fn set_storage_faults(&self, faults: StorageFaults) {
        self.change(|state| {
            state.model.signature_life_ms = faults.signature_ms;
            state.faults.storage = faults;
        });
    }

    /// Configures the token endpoint again and clears its report.
    pub fn set_token_endpoint(&self, config: TokenEndpointConfig) {
        self.0.token_endpoint.configure(config);
    }

    /// The requests to the token endpoint since it was configured.
    pub fn token_endpoint_report(&self) -> TokenEndpointReport {
        self.0.token_endpoint.report()
    }

    /// Skips this many sequences of a conversation: they never get a message. Returns the newest sequence.
    pub fn skip_seqs(&self, conversation_id: &str, count: u64) -> i64 {
        self.change(|state| state.model.messages.skip_seqs(conversation_id, count))
    }

    /// Empties one conversation, or all of them: its sequences start at 1 again.
    pub fn reset(&self, conversation_id: Option<&str>) {
        self.change(|state| {
            state.model.messages.reset(conversation_id);
            state.model.conversations.reset(conversation_id);
        });
    }

    /// Loses the cache (Redis): all tokens become unknown (1507), while connections stay. Each conversation skips the
    /// sequences that were reserved for it, and its present messages are read from the database.
    pub fn lose_cache(&self) {
        self.change(|state| {
            state.model.tokens.forget_all();
            state.model.messages.lose_cache();
            state.model.blanks.clear();
        });
    }

    /// Changes how often batches of acknowledged messages are stored; zero stores each message at once.
    pub fn set_store_delay(&self, every: Duration) {
        self.change(|state| {
            state.model.store_waiting();
            state.model.transfer.set_every(every);
        });
    }

    /// Changes how often it is noted who is connected, and so can get pushes; zero notes everybody at once.
    pub fn set_online_tick(&self, every: Duration) {
        self.change(|state| state.model.reachability.set_every(every));
    }

    /// Sets the server's clock this far ahead, for its times and for `iat` and `exp` of new tokens.
    pub fn set_clock_offset(&self, ms: i64) {
        self.change(|state| state.model.clock_offset_ms = ms);
    }

    /// Changes what a port does with new connections, for this time or for good. In-memory connections do not use a port:
    /// see [`crate::FaultyNetwork`].
    pub fn set_listener(&self, port: Port, state: ListenerState, how_long: Option<Duration>) {
        let listeners = &self.0.listeners;
        let sender = match port {
            Port::Ws => &listeners.ws,
            Port::Api => &listeners.api,
        };
        sender.send_replace(state);
        let Some(how_long) = how_long else { return };
        let (stop, sender) = (self.0.backend.stop.clone(), sender.clone());
        self.0.backend.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(how_long) => { sender.send_replace(ListenerState::Open); }
            }
        });
    }
}
