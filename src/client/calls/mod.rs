//! The calls of the JS SDK. [`table`] lists them with their types; here is what all of them share: the argument is read on
//! the JavaScript thread, the call runs on the runtime until it settles, the login ends or its time is over, and the
//! result crosses as one JSON text that is parsed once.

mod answer;
mod table;
mod types;

use std::sync::Arc;

use base::{BoxFuture, Error, Kind, Result};
use napi::Env;
use napi::bindgen_prelude::Unknown;
use openim_client::calls::Calls;
use openim_client::json;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use self::answer::Answer;
use super::{Core, Login};
use crate::js_args;
use crate::limits::CALL_MAX;
use crate::outcome::{self, Promised};

/// One line of the table.
#[derive(Clone, Copy)]
struct Entry {
    op: &'static str,
    /// The argument in TypeScript, empty where there is none.
    argument: &'static str,
    /// Friends and the black list are the operator's business unless they say otherwise.
    guarded: bool,
}

type Call = BoxFuture<'static, Result<Answer>>;

impl Core {
    fn call<'env, P, F>(
        &self,
        env: &'env Env,
        entry: Entry,
        params: &Unknown<'env>,
        run: impl FnOnce(Arc<Calls>, P) -> F + Send + 'static,
    ) -> Promised<'env>
    where
        P: DeserializeOwned + Send + 'static,
        F: Future<Output = Result<Answer>> + Send + 'static,
    {
        let Entry { op, .. } = entry;
        let begun = outcome::caught(op, || {
            let login = self.running()?;
            login.allows(entry)?;
            let params = argument::<P>(entry, params)?;
            let call: Call = Box::pin(run(login.calls.clone(), params));
            Ok((login, call))
        });
        settle(env, op, begun)
    }
}

/// Boxed here already, so that what is around a call is compiled once and not sixty times.
fn settle<'env>(env: &'env Env, op: &'static str, begun: Result<(Arc<Login>, Call)>) -> Promised<'env> {
    outcome::promise(env, op, async move {
        let (login, call) = begun?;
        let told = login.until_closed(op, call);
        timeout(CALL_MAX, told).await.unwrap_or_else(|_| Err(login.late(op)))
    })
}

impl Login {
    fn allows(&self, entry: Entry) -> Result<()> {
        if self.friends || !entry.guarded {
            return Ok(());
        }
        let (op, account) = (entry.op, self.account.id());
        let text = format!(
            "MULTI_OPENIM_FRIEND_API_DISABLED: SDK {op}() is disabled by multi-openim-channel (account={account}). Route friend operations through your own backend."
        );
        Err(Error::new(Kind::FriendsDisabled, text).account(account.clone()))
    }

    fn late(&self, op: &str) -> Error {
        let text = format!("{op} did not settle within {} s", CALL_MAX.as_secs());
        Error::new(Kind::Timeout, text).account(self.account.id().clone())
    }
}

/// Reads the one argument. What the type does not know is passed over.
fn argument<P: DeserializeOwned>(entry: Entry, params: &Unknown<'_>) -> Result<P> {
    let Some((_, takes)) = entry.argument.split_once(": ") else {
        return serde_json::from_value(Value::Null).map_err(|_| js_args::config(entry.op));
    };
    json::read(js_args::plain(params)?).map_err(|_| js_args::config(format!("{} takes {takes}", entry.op)))
}
