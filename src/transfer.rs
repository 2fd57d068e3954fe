//! An upload or download as JavaScript follows it: progress through a weak callback, cancelled by an `AbortSignal`.

use std::future::Future;
use std::sync::Arc;

use base::{Error, Kind, Result};
use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue as _, JsValue as _, Object, PromiseRaw, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue};
use napi::{Env, Status};
use openim_client::media::{Progress, Watch};
use tokio_util::sync::CancellationToken;

use crate::js_args;
use crate::limits::PROGRESS_OUTSTANDING;
use crate::scripts::{self, Script};

/// Weak, not error-first.
type Report =
    ThreadsafeFunction<Progress, UnknownReturnValue, FnArgs<(f64, f64)>, Status, false, true, PROGRESS_OUTSTANDING>;

/// The script's `beginTransfer`: takes the options and a way to cancel.
type Begin<'a, 'env> = Function<'a, FnArgs<(Unknown<'a>, Function<'a, (), ()>)>, Object<'env>>;

/// The side that stays on the JavaScript thread.
pub(crate) struct Transfer<'env>(Object<'env>);

/// The side that goes along with the work.
pub(crate) struct Course {
    aborted: CancellationToken,
    report: Option<Arc<Report>>,
}

impl<'env> Transfer<'env> {
    /// Reads `onProgress` and `signal` of the options; `closed` is the login's end.
    pub(crate) fn begin(env: &'env Env, options: &Unknown<'env>, closed: &CancellationToken) -> Result<(Self, Course)> {
        let aborted = CancellationToken::new();
        let cancel = aborted.clone();
        let cancel: Function<'_, (), ()> = env
            .create_function_from_closure("cancel", move |_| {
                cancel.cancel();
                Ok(())
            })
            .map_err(|error| scripts::broken(&error))?;
        let begin: Begin<'_, 'env> = scripts::function(env, Script::Embedded, "beginTransfer")?;
        let script = begin.call((*options, cancel).into()).map_err(|error| js_args::config(error.reason.clone()))?;
        let report = match js_args::member(options, "onProgress")? {
            Some(_) => Some(Arc::new(reporter(&script, closed)?)),
            None => None,
        };
        Ok((Self(script), Course { aborted, report }))
    }

    /// Watches the signal until the promise settles.
    pub(crate) fn follow<T>(&self, promise: &PromiseRaw<'env, T>) -> Result<()> {
        let follow: Function<'_, Unknown<'_>, ()> =
            self.0.get_named_property("follow").map_err(|error| scripts::broken(&error))?;
        follow.call(promise.to_unknown()).map_err(|error| scripts::broken(&error))
    }
}

fn reporter(script: &Object<'_>, closed: &CancellationToken) -> Result<Report> {
    let report: Function<'_, FnArgs<(f64, f64)>, UnknownReturnValue> =
        script.get_named_property("report").map_err(|error| scripts::broken(&error))?;
    let closed = closed.clone();
    let built = report
        .build_threadsafe_function::<Progress>()
        .weak::<true>()
        .callee_handled::<false>()
        .max_queue_size::<PROGRESS_OUTSTANDING>()
        .build_callback(move |call| {
            let Progress { sent, total } = call.value;
            // Less than nothing is never told: after a logout no callback runs.
            let sent = if closed.is_cancelled() { -1.0 } else { bytes(sent) };
            Ok((sent, bytes(total)).into())
        });
    built.map_err(|error| scripts::broken(&error))
}

#[expect(clippy::cast_precision_loss, reason = "files are far below 2^53 bytes")]
const fn bytes(count: u64) -> f64 {
    count as f64
}

impl Course {
    pub(crate) fn watch(&self) -> Option<Watch> {
        let report = self.report.clone()?;
        Some(Arc::new(move |progress| {
            // A full queue or an environment on its way out: progress is not worth waiting for.
            let _ = report.call(progress, ThreadsafeFunctionCallMode::NonBlocking);
        }))
    }

    /// Does the work until its signal cancels it.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.aborted.cancelled() => Err(Error::new(Kind::Cancelled, "it was cancelled by its signal")),
            done = work => done,
        }
    }
}
