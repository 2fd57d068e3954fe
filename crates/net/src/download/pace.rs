//! The least rate of a download: a server that sends a byte now and then only holds a place.

use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Frame, Incoming};
use tokio::time::{Instant, timeout_at};

use crate::limits::{LEAST_BYTES, LEAST_TIME};

/// Measures the bytes of one stretch of time after the other.
pub(super) struct Pace {
    until: Instant,
    bytes: u64,
}

/// The body brings less than the least rate.
pub(super) struct TooSlow;

impl Pace {
    pub(super) fn new() -> Self {
        Self { until: Instant::now() + LEAST_TIME, bytes: 0 }
    }

    /// The next piece of a body, as long as it comes fast enough.
    pub(super) async fn next(&mut self, body: &mut Incoming) -> Result<Option<hyper::Result<Frame<Bytes>>>, TooSlow> {
        loop {
            match timeout_at(self.until, body.frame()).await {
                Ok(frame) => {
                    let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
                    self.bytes += data.map_or(0, |data| data.len() as u64);
                    return Ok(frame);
                }
                Err(_) if self.bytes < LEAST_BYTES => return Err(TooSlow),
                Err(_) => {
                    self.bytes = 0;
                    self.until = Instant::now() + LEAST_TIME;
                }
            }
        }
    }
}
