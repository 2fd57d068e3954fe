//! The JavaScript inside the addon: small scripts, compiled once per environment.
//!
//! They do what JavaScript does better than napi calls: making objects of constant shape, and catching what a user's
//! callback throws. References to them live and die on the thread of their environment.

use std::cell::RefCell;
use std::collections::HashMap;

use base::{Error, Kind, Result};
use napi::Env;
use napi::bindgen_prelude::{FromNapiValue, JsObjectValue as _, Object, ObjectRef, ValidateNapiValue};

const UNPACK: &str = include_str!("js/unpack.js");
const RUN: &str = include_str!("js/run.js");
const TRANSFER: &str = include_str!("js/transfer.js");
const ASK: &str = include_str!("js/ask.js");
const CHANNEL: &str = include_str!("js/channel.js");

thread_local! {
    static COMPILED: RefCell<HashMap<usize, Scripts>> = RefCell::default();
}

struct Scripts {
    unpack: ObjectRef<false>,
    run: ObjectRef<false>,
    transfer: ObjectRef<false>,
    channel: ObjectRef<false>,
    ask: ObjectRef<false>,
}

/// Which script a function is taken from.
#[derive(Clone, Copy)]
pub(crate) enum Script {
    Unpack,
    Run,
    Transfer,
    Channel,
    Ask,
}

/// A function of a script, compiling all of them on first use.
pub(crate) fn function<F: FromNapiValue + ValidateNapiValue>(env: &Env, script: Script, name: &str) -> Result<F> {
    object(env, script)?.get_named_property(name).map_err(|error| broken(&error))
}

/// What a script made.
pub(crate) fn object(env: &Env, script: Script) -> Result<Object<'_>> {
    compiled(env, script).map_err(|error| broken(&error))
}

/// Lets go of an environment that ends.
pub(crate) fn forget(env: usize) {
    // At thread exit the map may be gone already; then there is nothing to forget.
    let _ = COMPILED.try_with(|compiled| compiled.borrow_mut().remove(&env));
}

fn compiled(env: &Env, script: Script) -> napi::Result<Object<'_>> {
    let key = env.raw() as usize;
    let known = COMPILED.with_borrow(|compiled| compiled.contains_key(&key));
    if !known {
        let scripts = Scripts {
            unpack: env.run_script::<_, Object<'_>>(UNPACK)?.create_ref()?,
            transfer: env.run_script::<_, Object<'_>>(TRANSFER)?.create_ref()?,
            run: env.run_script::<_, Object<'_>>(RUN)?.create_ref()?,
            channel: env.run_script::<_, Object<'_>>(CHANNEL)?.create_ref()?,
            ask: env.run_script::<_, Object<'_>>(ASK)?.create_ref()?,
        };
        COMPILED.with_borrow_mut(|compiled| compiled.insert(key, scripts));
    }
    COMPILED.with_borrow(|compiled| {
        let scripts = compiled.get(&key).ok_or_else(|| napi::Error::from_reason("not compiled"))?;
        match script {
            Script::Unpack => scripts.unpack.get_value(env),
            Script::Run => scripts.run.get_value(env),
            Script::Transfer => scripts.transfer.get_value(env),
            Script::Channel => scripts.channel.get_value(env),
            Script::Ask => scripts.ask.get_value(env),
        }
    })
}

/// The scripts are ours: that one fails is a bug of ours.
pub(crate) fn broken(error: &napi::Error) -> Error {
    Error::new(Kind::Internal, format!("a script of the addon failed: {}; please report this", error.reason))
}
