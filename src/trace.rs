//! What the crates trace, on its way to the operator's log. One subscriber for the process; each login that wants lines has a
//! bounded buffer that its pump empties. Nothing here waits: a full buffer drops its oldest line and counts it.
//!
//! The subscriber is installed by the first login that asks for lines. Without one, tracing costs nothing.

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once, Weak};

use base::{AccountId, TypeScript};
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::Notify;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber};
use tracing::{Event, Level, Metadata};

use crate::limits::{TRACE_GATHER, TRACE_LINE_CHARS, TRACE_LINES};

/// How much of what the core does appears in the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, TypeScript)]
#[serde(rename_all = "camelCase")]
pub(crate) enum LogLevel {
    #[default]
    Off,
    Error,
    Warn,
    Info,
    Debug,
}

impl LogLevel {
    /// The level of an event. What is finer than debug is not built into a release.
    const fn of(level: &Level) -> Self {
        match *level {
            Level::ERROR => Self::Error,
            Level::WARN => Self::Warn,
            Level::INFO => Self::Info,
            _ => Self::Debug,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Off | Self::Debug => "debug",
        }
    }
}

/// A traced line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TraceLine {
    pub(crate) level: LogLevel,
    pub(crate) text: String,
}

/// The lines of one login.
pub(crate) struct TraceBuffer {
    account: AccountId,
    level: LogLevel,
    lines: Mutex<Lines>,
    filled: Notify,
}

#[derive(Default)]
struct Lines {
    waiting: VecDeque<TraceLine>,
    dropped: u64,
}

impl TraceBuffer {
    /// A buffer for an account, which gets lines from now on. Nothing where the level is off.
    pub(crate) fn open(account: &AccountId, level: LogLevel) -> Option<Arc<Self>> {
        if level == LogLevel::Off {
            return None;
        }
        let (lines, filled) = Default::default();
        let buffer = Arc::new(Self { account: account.clone(), level, lines, filled });
        TRACES.enter(&buffer);
        static INSTALLED: Once = Once::new();
        // Another subscriber in the process keeps its place.
        INSTALLED.call_once(|| drop(tracing::subscriber::set_global_default(Forward(&TRACES))));
        Some(buffer)
    }

    /// Waits until there are lines, and a moment longer so that they cross together.
    pub(crate) async fn filled(&self) {
        while self.lines.lock().waiting.is_empty() {
            self.filled.notified().await;
        }
        tokio::time::sleep(TRACE_GATHER).await;
    }

    /// Takes the lines that wait.
    pub(crate) fn take(&self) -> Vec<TraceLine> {
        let Lines { waiting, dropped } = std::mem::take(&mut *self.lines.lock());
        let lost = (dropped > 0).then(|| TraceLine {
            level: LogLevel::Warn,
            text: format!("{dropped} traced lines were dropped because too many came at once"),
        });
        lost.into_iter().chain(waiting).collect()
    }

    fn push(&self, level: LogLevel, text: &str) {
        let mut lines = self.lines.lock();
        if lines.waiting.len() == TRACE_LINES {
            lines.waiting.pop_front();
            lines.dropped += 1;
        }
        lines.waiting.push_back(TraceLine { level, text: text.to_owned() });
        drop(lines);
        self.filled.notify_one();
    }
}

impl Drop for TraceBuffer {
    fn drop(&mut self) {
        TRACES.sweep();
    }
}

/// All buffers of the process.
static TRACES: Traces = Traces { buffers: Mutex::new(Vec::new()), finest: AtomicUsize::new(0) };

struct Traces {
    buffers: Mutex<Vec<Weak<TraceBuffer>>>,
    /// The finest level that any buffer wants.
    finest: AtomicUsize,
}

impl Traces {
    fn enter(&self, buffer: &Arc<TraceBuffer>) {
        self.buffers.lock().push(Arc::downgrade(buffer));
        self.sweep();
    }

    /// Forgets buffers that are gone.
    fn sweep(&self) {
        let mut buffers = self.buffers.lock();
        buffers.retain(|buffer| buffer.strong_count() > 0);
        let live: Vec<_> = buffers.iter().filter_map(Weak::upgrade).collect();
        let finest = live.iter().map(|buffer| buffer.level as usize).max().unwrap_or_default();
        self.finest.store(finest, Ordering::Relaxed);
        // A buffer whose last owner this becomes sweeps on its own, which needs the lock.
        drop(buffers);
    }

    fn wants(&self, level: &Level) -> bool {
        LogLevel::of(level) as usize <= self.finest.load(Ordering::Relaxed)
    }

    /// Gives a line to the buffers of its account. A line of no account goes to one buffer.
    fn push(&self, account: Option<&str>, level: LogLevel, text: &str) {
        let live: Vec<_> = self.buffers.lock().iter().filter_map(Weak::upgrade).collect();
        let mut wanting = live.iter().filter(|buffer| level <= buffer.level);
        match account {
            Some(account) => {
                wanting.filter(|buffer| buffer.account.as_str() == account).for_each(|buffer| buffer.push(level, text));
            }
            None => {
                if let Some(buffer) = wanting.next() {
                    buffer.push(level, text);
                }
            }
        }
    }
}

/// The subscriber. Spans are not used: every event names its account.
struct Forward(&'static Traces);

impl Subscriber for Forward {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        // The wanted level changes with the logins.
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && self.0.wants(metadata.level()) && is_own(metadata.target())
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line { account: None, text: String::new() };
        event.record(&mut line);
        self.0.push(line.account.as_deref(), LogLevel::of(event.metadata().level()), &one_line(&line.text));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Whether an event is one of this project's crates: libraries may trace what is secret.
fn is_own(target: &str) -> bool {
    let name = target.split("::").next().unwrap_or_default();
    matches!(name, "base" | "channel" | "net" | "openim_client" | "openim_core") || name == env!("CARGO_CRATE_NAME")
}

/// Reads an event: its message first, then its fields.
struct Line {
    account: Option<String>,
    text: String,
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "account" => self.account = Some(value.to_owned()),
            _ => self.record_debug(field, &value),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing into a string cannot fail.
        match field.name() {
            "account" => self.account = Some(format!("{value:?}")),
            "message" => self.text.insert_str(0, &format!("{value:?}")),
            name => drop(write!(self.text, " {name}={value:?}")),
        }
    }
}

/// A bounded line without control characters: some fields hold words of servers.
fn one_line(text: &str) -> String {
    text.trim().chars().take(TRACE_LINE_CHARS).map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(traces: &'static Traces, account: &str, level: LogLevel) -> Arc<TraceBuffer> {
        let (lines, filled) = Default::default();
        let buffer = Arc::new(TraceBuffer { account: account.into(), level, lines, filled });
        traces.enter(&buffer);
        buffer
    }

    fn traces() -> &'static Traces {
        Box::leak(Box::new(Traces { buffers: Mutex::default(), finest: AtomicUsize::new(0) }))
    }

    fn texts(buffer: &TraceBuffer) -> Vec<String> {
        buffer.take().into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn a_line_goes_to_its_account_by_level() {
        let traces = traces();
        let (debug, info) = (buffer(traces, "a", LogLevel::Debug), buffer(traces, "b", LogLevel::Info));
        tracing::subscriber::with_default(Forward(traces), || {
            tracing::debug!(account = %"a", number = 3, "one");
            tracing::debug!(account = %"b", "too fine");
            tracing::info!(account = "b", "two");
            tracing::trace!(account = "a", "finest");
        });
        assert_eq!(texts(&info), ["two"]);
        assert_eq!(texts(&debug)[0], "one number=3");
    }

    #[test]
    fn a_line_of_no_account_goes_to_one_buffer() {
        let traces = traces();
        let buffers = [buffer(traces, "a", LogLevel::Debug), buffer(traces, "b", LogLevel::Debug)];
        tracing::subscriber::with_default(Forward(traces), || tracing::info!("of the process"));
        assert_eq!(buffers.iter().map(|buffer| buffer.take().len()).sum::<usize>(), 1);
    }

    #[test]
    fn a_full_buffer_drops_its_oldest_lines_and_says_so() {
        let traces = traces();
        let buffer = buffer(traces, "a", LogLevel::Info);
        for number in 0..=TRACE_LINES {
            traces.push(Some("a"), LogLevel::Info, &number.to_string());
        }
        let lines = texts(&buffer);
        assert_eq!(lines.len(), TRACE_LINES + 1);
        assert_eq!(lines[0], "1 traced lines were dropped because too many came at once");
        assert_eq!(lines[1], "1");
    }

    #[test]
    fn a_line_is_short_and_without_control_characters() {
        let line = one_line(&format!("a\nb\u{1b}[31m{}", "x".repeat(10_000)));
        assert!(line.starts_with("a b [31mx") && line.chars().count() == TRACE_LINE_CHARS);
    }

    #[test]
    fn nothing_is_wanted_once_the_buffers_are_gone() {
        let traces = traces();
        let buffer = buffer(traces, "a", LogLevel::Debug);
        assert!(traces.wants(&Level::DEBUG));
        drop(buffer);
        traces.sweep();
        assert!(!traces.wants(&Level::ERROR));
    }

    #[test]
    fn events_of_libraries_are_not_forwarded() {
        assert!(is_own("openim_client::sync") && is_own(env!("CARGO_CRATE_NAME")) && is_own("net"));
        assert!(!is_own("hyper::client") && !is_own("rustls") && !is_own("network"));
    }
}
