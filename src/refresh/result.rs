//! The results of a token refresh and of an offered token.

use channel::TokenManager;
use channel::tokens::{Offered, Reason, RefreshOutcome, SkipReason};
use napi_derive::napi;
use std::sync::Arc;

use crate::limits::REFRESH_MAX;

/// The result of an attempt to get a new token.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct RefreshResult {
    /// `permanent`: no token can be had until a person has done something. `transient`: it is worth trying again. `skipped`:
    /// no request was made.
    #[napi(ts_type = "'success' | 'permanent' | 'transient' | 'skipped'")]
    pub outcome: String,
    /// Why there is no new token; for `skipped` it is `stopped`, `off`, `rejected-latch` or `min-interval`.
    pub reason: Option<String>,
    pub retry_after_ms: Option<f64>,
    /// When the current token expires, Unix milliseconds.
    pub expires_at: Option<f64>,
}

/// The result of offering a token.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct OfferResult {
    /// `taken`: it is used from now on. `known`: it was in use already. `older`: the current one is newer. `refused`: it cannot
    /// be used.
    #[napi(ts_type = "'taken' | 'known' | 'older' | 'refused'")]
    pub outcome: String,
    pub reason: Option<String>,
}

/// Asks for a new token, and waits a bounded time.
pub(crate) async fn refresh(keeper: &Arc<TokenManager>, reason: String) -> RefreshResult {
    let outcome = match tokio::time::timeout(REFRESH_MAX, keeper.refresh(Reason::Asked(reason))).await {
        Ok(outcome) => outcome,
        Err(_) => RefreshOutcome::Transient { why: "it is still under way".into(), retry_after: None },
    };
    result(outcome, keeper.facts().expires_at)
}

#[expect(clippy::cast_precision_loss, reason = "times in ms are below 2^53")]
fn result(outcome: RefreshOutcome, expires_at: Option<i64>) -> RefreshResult {
    let (name, reason, wait) = match outcome {
        RefreshOutcome::Success => ("success", None, None),
        RefreshOutcome::Permanent(why) => ("permanent", Some(why), None),
        RefreshOutcome::Transient { why, retry_after } => ("transient", Some(why), retry_after),
        RefreshOutcome::Skipped(SkipReason::Stopped) => ("skipped", Some("stopped".into()), None),
        RefreshOutcome::Skipped(SkipReason::Off) => ("skipped", Some("off".into()), None),
        RefreshOutcome::Skipped(SkipReason::Latched) => ("skipped", Some("rejected-latch".into()), None),
        RefreshOutcome::Skipped(SkipReason::Floor(wait)) => ("skipped", Some("min-interval".into()), Some(wait)),
    };
    RefreshResult {
        outcome: name.into(),
        reason,
        retry_after_ms: wait.map(|wait| wait.as_millis() as f64),
        expires_at: expires_at.map(|ms| ms as f64),
    }
}

impl From<Offered> for OfferResult {
    fn from(offered: Offered) -> Self {
        let (outcome, reason) = match offered {
            Offered::Taken => ("taken", None),
            Offered::Known => ("known", None),
            Offered::Older => ("older", None),
            Offered::Refused(why) => ("refused", Some(why)),
        };
        Self { outcome: outcome.into(), reason }
    }
}
