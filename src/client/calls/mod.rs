//! The calls of the JS SDK. [`table`] lists them; this file has what all of them share. The argument is read on the JavaScript
//! thread. The call runs on the runtime until it settles, the login ends or its time is over. The result crosses as one JSON
//! text that is parsed once.

pub(crate) mod table;

use std::sync::Arc;

use base::{BoxFuture, Error, Kind, Result, TypeScript};
use napi::Env;
use napi::bindgen_prelude::Unknown;
use openim_client::calls::Calls;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use super::{Core, Login};
use crate::answer::Answer;
use crate::js_args;
use crate::limits::CALL_MAX;
use crate::outcome::{self, Promised};

/// One line of the table.
#[derive(Clone, Copy)]
struct Entry {
    op: &'static str,
    /// The call is about friends or the black list, and is refused unless the operator allows such calls.
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
        P: DeserializeOwned + TypeScript + Send + 'static,
        F: Future<Output = Result<Answer>> + Send + 'static,
    {
        let Entry { op, .. } = entry;
        let begun = outcome::caught(op, || {
            let login = self.running()?;
            login.allows(entry)?;
            let params = argument::<P>(op, params)?;
            let call: Call = Box::pin(run(login.calls.clone(), params));
            Ok((login, call))
        });
        settle(env, op, begun)
    }
}

/// Takes a boxed call, so that the code around it is compiled once and not sixty times.
fn settle<'env>(env: &'env Env, op: &'static str, begun: Result<(Arc<Login>, Call)>) -> Promised<'env> {
    outcome::promise(env, op, async move {
        let (login, call) = begun?;
        timeout(CALL_MAX, login.until_closed(op, call)).await.unwrap_or_else(|_| Err(login.late(op)))
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

/// Reads the argument. Members that the type does not know are passed over; without a type the argument is not looked at.
fn argument<P: DeserializeOwned + TypeScript>(op: &str, params: &Unknown<'_>) -> Result<P> {
    let expected = P::expression();
    let value = if expected.is_empty() { Value::Null } else { js_args::plain(params)? };
    js_args::read(value, op, &expected)
}
