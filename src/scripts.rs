//! The JavaScript inside the addon: two scripts, compiled once per environment.
//!
//! They do what JavaScript does better than napi calls: making objects of constant shape, and catching what a user's
//! callback throws. References to them live and die on the thread of their environment. `js/embedded.generated.js` is
//! bundled from TypeScript by `scripts/generate.mjs`.

use std::cell::RefCell;
use std::collections::HashMap;

use base::{Error, Kind, Result};
use napi::Env;
use napi::bindgen_prelude::{FromNapiValue, JsObjectValue as _, Object, ObjectRef, ValidateNapiValue};

use crate::batch;

const EMBEDDED: &str = include_str!("js/embedded.generated.js");

thread_local! {
    static COMPILED: RefCell<HashMap<usize, Scripts>> = RefCell::default();
}

struct Scripts {
    unpack: ObjectRef<false>,
    embedded: ObjectRef<false>,
}

/// The script that a function is taken from.
#[derive(Clone, Copy)]
pub(crate) enum Script {
    /// Makes objects of packed batches.
    Unpack,
    /// Everything else; its exports are listed in `js/embedded.ts`.
    Embedded,
}

/// A function of a script, compiling both on first use.
pub(crate) fn function<F: FromNapiValue + ValidateNapiValue>(env: &Env, script: Script, name: &str) -> Result<F> {
    let object = compiled(env, script).map_err(|error| broken(&error))?;
    object.get_named_property(name).map_err(|error| broken(&error))
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
            unpack: env.run_script::<_, Object<'_>>(batch::script())?.create_ref()?,
            embedded: env.run_script::<_, Object<'_>>(EMBEDDED)?.create_ref()?,
        };
        COMPILED.with_borrow_mut(|compiled| compiled.insert(key, scripts));
    }
    COMPILED.with_borrow(|compiled| {
        let scripts = compiled.get(&key).ok_or_else(|| napi::Error::from_reason("not compiled"))?;
        match script {
            Script::Unpack => scripts.unpack.get_value(env),
            Script::Embedded => scripts.embedded.get_value(env),
        }
    })
}

/// The scripts belong to the addon, so a failure of one is a bug of the addon.
pub(crate) fn broken(error: &napi::Error) -> Error {
    Error::new(Kind::Internal, format!("a script of the addon failed: {}; please report this", error.reason))
}
