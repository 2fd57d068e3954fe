//! What every export returns: a value, or a JavaScript `Error` that says what to do about it.
//!
//! napi's own errors cannot carry members, and from an async function not even a code. So an [`Outcome`] makes the
//! error object itself, on the JavaScript thread, when it is turned into a value; napi then throws or rejects with it.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use base::{BoxFuture, Error, Kind, Result, panic_text};
use futures_util::FutureExt as _;
use napi::bindgen_prelude::{JsObjectValue as _, JsValue as _, Null, PromiseRaw, ToNapiValue};
use napi::{Env, sys};

/// The result of an export.
pub struct Outcome<T>(Result<T>);

impl<T> From<Result<T>> for Outcome<T> {
    fn from(result: Result<T>) -> Self {
        Self(result)
    }
}

impl<T> Outcome<T> {
    /// A synchronous export.
    pub(crate) fn of(op: &'static str, run: impl FnOnce() -> Result<T>) -> Self {
        Self(caught(op, run))
    }

    /// The end of an asynchronous export; a panic in it becomes `OPENIM_INTERNAL`. It never fails as a future, so that napi
    /// always converts it.
    async fn later(op: &'static str, run: impl Future<Output = Result<T>>) -> napi::Result<Self> {
        let result = AssertUnwindSafe(run).catch_unwind().await;
        let result = result.unwrap_or_else(|panic| Err(panicked(op, &*panic)));
        Ok(Self(result.map_err(|error| named(error, op))))
    }
}

/// What an asynchronous export returns.
pub(crate) type Promised<'env> = napi::Result<PromiseRaw<'env, Outcome<Settled>>>;

/// An asynchronous export. All of them are one type of future with one type of result: the runtime's and napi's machinery
/// around a future is large, and is built once instead of once for each export.
pub(crate) fn promise<'env, T: ToNapiValue + Send + 'static>(
    env: &'env Env,
    op: &'static str,
    run: impl Future<Output = Result<T>> + Send + 'static,
) -> Promised<'env> {
    let run: BoxFuture<'static, Result<Settled>> = Box::pin(async move { run.await.map(Settled::new) });
    env.spawn_future(Outcome::later(op, run))
}

/// What an asynchronous export resolves with, whatever it is.
pub struct Settled(Box<dyn FnOnce(sys::napi_env) -> napi::Result<sys::napi_value> + Send>);

impl Settled {
    #[expect(unsafe_code, reason = "napi's conversion trait is unsafe; it is called where napi calls it")]
    fn new<T: ToNapiValue + Send + 'static>(value: T) -> Self {
        // SAFETY: called by napi on the thread that owns `env`.
        Self(Box::new(move |env| unsafe { T::to_napi_value(env, value) }))
    }
}

#[expect(unsafe_code, reason = "napi's conversion trait is unsafe; nothing here is")]
impl ToNapiValue for Settled {
    unsafe fn to_napi_value(env: sys::napi_env, settled: Self) -> napi::Result<sys::napi_value> {
        (settled.0)(env)
    }
}

/// Runs something synchronous; a panic becomes `OPENIM_INTERNAL` instead of ending the process.
pub(crate) fn caught<T>(op: &'static str, run: impl FnOnce() -> Result<T>) -> Result<T> {
    let result = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Err(panicked(op, &*panic)));
    result.map_err(|error| named(error, op))
}

/// For constructors, whose return type napi insists on.
pub(crate) fn thrown<T>(env: &Env, op: &'static str, run: impl FnOnce() -> Result<T>) -> napi::Result<T> {
    caught(op, run).map_err(|error| to_js(env, &error).unwrap_or_else(|fallback| fallback))
}

/// Errors made far below do not know which export they fail.
fn named(error: Error, op: &'static str) -> Error {
    if error.operation().is_some() { error } else { error.op(op) }
}

/// A panic as an error: a bug of ours, and the process lives on.
pub(crate) fn panicked(what: &'static str, panic: &(dyn Any + Send)) -> Error {
    let text = panic_text(panic);
    Error::new(Kind::Internal, format!("{what} failed by a bug: {text}; please report this"))
}

#[expect(unsafe_code, reason = "napi's conversion trait is unsafe; nothing here depends on the raw handles")]
impl<T: ToNapiValue> ToNapiValue for Outcome<T> {
    unsafe fn to_napi_value(env: sys::napi_env, outcome: Self) -> napi::Result<sys::napi_value> {
        match outcome.0 {
            // SAFETY: called by napi on the thread that owns `env`.
            Ok(value) => unsafe { T::to_napi_value(env, value) },
            Err(error) => Err(to_js(&Env::from_raw(env), &error).unwrap_or_else(|fallback| fallback)),
        }
    }
}

/// The error as napi throws it: a reference to a finished `Error` object. Members that do not apply are `null`.
fn to_js(env: &Env, error: &Error) -> napi::Result<napi::Error> {
    let mut object = env.create_error(napi::Error::from_reason(error.to_string()))?;
    object.set_named_property("code", error.kind().code())?;
    object.set_named_property("errCode", nullable(error.err_code()))?;
    object.set_named_property("errMsg", nullable(error.err_msg().map(str::to_owned)))?;
    object.set_named_property("retryable", error.is_retryable())?;
    #[expect(clippy::cast_precision_loss, reason = "a wait of milliseconds is far below 2^53")]
    let wait = error.wait().map(|wait| wait.as_millis() as f64);
    object.set_named_property("retryAfterMs", nullable(wait))?;
    object.set_named_property("accountId", nullable(error.account_id().map(ToString::to_string)))?;
    object.set_named_property("op", nullable(error.operation()))?;
    object.set_named_property("maybeDelivered", error.is_maybe_delivered())?;
    Ok(napi::Error::from(object.to_unknown()))
}

/// An absent value crosses as `null`, never as a missing member.
fn nullable<T>(value: Option<T>) -> napi::Either<T, Null> {
    value.map_or(napi::Either::B(Null), napi::Either::A)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_an_export_becomes_an_internal_error() {
        let outcome = Outcome::<()>::of("status", || panic!("boom"));
        let error = outcome.0.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (Kind::Internal, Some("status")));
        assert_eq!(error.to_string(), "status failed by a bug: boom; please report this");
    }

    #[tokio::test]
    async fn a_panic_in_an_async_export_does_too() {
        let outcome = Outcome::<()>::later("login", async { panic!("{}", "late") }).await.unwrap();
        assert_eq!(outcome.0.unwrap_err().kind(), Kind::Internal);
    }

    #[test]
    fn an_error_keeps_the_operation_it_was_made_in() {
        let inner = Outcome::<()>::of("outer", || Err(Error::new(Kind::Offline, "no").op("inner")));
        assert_eq!(inner.0.unwrap_err().operation(), Some("inner"));
    }
}

#[cfg(test)]
mod documentation {
    use std::collections::BTreeSet;

    use base::Kind;

    const PAGE: &str = include_str!("../docs/errors.md");
    /// The loader's, which no native code can raise.
    const OF_THE_LOADER: &str = "OPENIM_NATIVE_MISSING";

    #[test]
    fn the_page_of_errors_lists_every_code_once_and_no_other() {
        let listed: Vec<_> = PAGE
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
            .map(|(name, _)| name.to_owned())
            .filter(|name| name.contains("OPENIM_"))
            .collect();
        let known: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.code()).chain([OF_THE_LOADER]).collect();
        assert_eq!(listed.iter().map(String::as_str).collect::<BTreeSet<_>>(), known);
        assert_eq!(listed.len(), known.len(), "each once");
    }
}
