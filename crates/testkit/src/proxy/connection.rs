//! One proxied connection: copies bytes in both directions until a side closes it or it is ordered to end.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::{ConnectionConditions, Direction, ProxyState};

/// Bytes that are read at once.
const PIECE: usize = 16 * 1024;
/// Delayed pieces of one direction; with more, reading waits.
const PIECES: usize = 1024;

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Both sockets are closed.
    Cut,
    /// Both sockets are reset.
    Reset,
    /// The server's socket is closed, the client's is held.
    HalfOpen,
}

pub(super) async fn run(inner: &ProxyState, mut client: TcpStream, mut server: TcpStream) {
    let mut orders = inner.orders.subscribe();
    let mut conditions = inner.conditions.subscribe();
    let end = {
        let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
        let up = OneWay { inner, direction: Direction::Up, count: &inner.up, passed: 0 };
        let down = OneWay { inner, direction: Direction::Down, count: &inner.down, passed: 0 };
        tokio::select! {
            biased;
            _ = orders.changed() => orders.borrow().1,
            _ = conditions.wait_for(|conditions| conditions.half_open) => End::HalfOpen,
            end = up.run(from_client, to_server) => end,
            end = down.run(from_server, to_client) => end,
        }
    };
    match end {
        End::Cut => {}
        End::Reset => {
            for socket in [&client, &server] {
                // Closing with nothing to linger for sends RST in place of FIN.
                let _ = socket.set_zero_linger();
            }
        }
        End::HalfOpen => {
            drop(server);
            // Until the end is ordered, or the proxy stops.
            let _ = orders.changed().await;
            if orders.borrow().1 == End::Reset {
                let _ = client.set_zero_linger();
            }
        }
    }
}

struct OneWay<'a> {
    inner: &'a ProxyState,
    direction: Direction,
    count: &'a AtomicU64,
    passed: u64,
}

impl OneWay<'_> {
    async fn run(mut self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> End {
        let mut conditions = self.inner.conditions.subscribe();
        let mut waiting: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
        let mut free_at = Instant::now();
        let mut buffer = vec![0; PIECE];
        let mut ended = false;
        loop {
            let due = waiting.front().map(|(due, _)| *due);
            tokio::select! {
                biased;
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    let Some((_, bytes)) = waiting.pop_front() else { continue };
                    if let Some(end) = self.pass(&mut conditions, &mut to, &bytes).await {
                        return end;
                    }
                }
                read = from.read(&mut buffer), if !ended && waiting.len() < PIECES => match read {
                    Ok(0) | Err(_) => ended = true,
                    Ok(n) => {
                        let now = Instant::now();
                        let conditions = conditions.borrow().clone();
                        free_at = free_at.max(now) + conditions.time_for(n);
                        let due = free_at + Duration::from_millis(conditions.latency_ms);
                        waiting.push_back((due, buffer[..n].to_vec()));
                    }
                },
                else => return End::Cut,
            }
            if ended && waiting.is_empty() {
                return End::Cut;
            }
        }
    }

    /// Writes the bytes, or as many of them as the conditions allow.
    async fn pass(
        &mut self,
        conditions: &mut watch::Receiver<ConnectionConditions>,
        to: &mut WriteHalf<'_>,
        bytes: &[u8],
    ) -> Option<End> {
        if conditions.has_changed().unwrap_or_default() {
            // Bytes are counted from the newest conditions on.
            self.passed = 0;
        }
        let now = conditions.borrow_and_update().clone();
        if now.blackhole {
            return None;
        }
        let is_counted = now.direction == Direction::Both || now.direction == self.direction;
        let stop = [(now.reset_after, End::Reset), (now.cut_after, End::Cut)]
            .into_iter()
            .filter_map(|(after, end)| Some((after.filter(|_| is_counted)?, end)))
            .find(|(after, _)| self.passed + bytes.len() as u64 >= *after)
            .filter(|_| now.times != Some(0));
        let allowed = match stop {
            Some((after, _)) => usize::try_from(after.saturating_sub(self.passed)).unwrap_or(0).min(bytes.len()),
            None => bytes.len(),
        };
        let passed = to.write_all(&bytes[..allowed]).await;
        self.passed += allowed as u64;
        self.count.fetch_add(allowed as u64, Ordering::Relaxed);
        if passed.is_err() {
            return Some(End::Cut);
        }
        let (_, end) = stop?;
        // One connection less to end.
        self.inner.conditions.send_if_modified(|conditions| {
            conditions.times = conditions.times.map(|times| times.saturating_sub(1));
            // These are no new conditions, so the other connections keep their counts.
            false
        });
        Some(end)
    }
}

impl ConnectionConditions {
    fn time_for(&self, bytes: usize) -> Duration {
        match self.bytes_per_second {
            Some(rate) if rate > 0 => Duration::from_secs_f64(bytes as f64 / rate as f64),
            _ => Duration::ZERO,
        }
    }
}
