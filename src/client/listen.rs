//! `on` and `off`. Listeners live in JavaScript, beside the batch callback; see `js/unpack.js`.

use base::Result;
use napi::Env;
use napi::bindgen_prelude::{Either, FnArgs, Function, Null, Object, This, Unknown};
use napi_derive::napi;
use serde_json::Value;

use super::{OpenImClient, is_function};
use crate::js_args;
use crate::outcome::Outcome;
use crate::scripts::{self, Script};

#[napi]
impl OpenImClient {
    /// Calls `listener` with every event of this name; the names are those of OpenIM's JS client. A failure of a
    /// listener is reported by `onLog` and changes nothing: only the batch callback, `ack` and `nack` decide about
    /// messages. A listener that is added twice is called twice. Listeners stay after a logout.
    ///
    /// Each message goes to one event: to `OnRecvNewMessages`, or to `OnRecvNewMessage` if nobody listens to the
    /// first. Messages that were sent while this client was away go to `onRecvOfflineNewMessages` or
    /// `onRecvOfflineNewMessage` if somebody listens to one of these.
    #[napi(
        catch_unwind,
        ts_args_type = "event: ListenerEvent['event'], listener: (event: ListenerEvent) => void | Promise<void>",
        ts_return_type = "void"
    )]
    pub fn on(&self, env: &Env, this: This<'_>, event: Unknown<'_>, listener: Unknown<'_>) -> Outcome<()> {
        Outcome::of("on", || change(env, "on", this.object, &event, Some(listener)))
    }

    /// Removes a listener; without one, all listeners of this event.
    #[napi(
        catch_unwind,
        ts_args_type = "event: ListenerEvent['event'], listener?: ((event: ListenerEvent) => void | Promise<void>) | undefined | null",
        ts_return_type = "void"
    )]
    pub fn off(&self, env: &Env, this: This<'_>, event: Unknown<'_>, listener: Option<Unknown<'_>>) -> Outcome<()> {
        Outcome::of("off", || change(env, "off", this.object, &event, listener))
    }
}

fn change(env: &Env, what: &str, this: Object<'_>, event: &Unknown<'_>, listener: Option<Unknown<'_>>) -> Result<()> {
    let Value::String(event) = js_args::plain(event)? else {
        return Err(js_args::config(format!("{what} takes the name of an event")));
    };
    if listener.as_ref().is_some_and(|listener| !is_function(listener)) {
        return Err(js_args::config(format!("{what} takes a function that is called with events")));
    }
    let listener = listener.map_or(Either::B(Null), Either::A);
    let call: Change<'_> = scripts::function(env, Script::Unpack, what)?;
    call.call((this, event, listener).into()).map_err(|error| scripts::broken(&error))
}

/// The client, the event, and the listener or none.
type Change<'env> = Function<'env, FnArgs<(Object<'env>, String, Either<Unknown<'env>, Null>)>, ()>;
