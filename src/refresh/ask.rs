//! Questions to JavaScript that are answered: which token, and whether one was taken. A callback that throws, hangs or
//! returns nonsense is an answer, too. The callback is weak; `js/ask.ts` catches and settles.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base::Result;
use napi::bindgen_prelude::{FnArgs, Function, JsObjectValue as _, Object, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode, UnknownReturnValue};
use napi::{Env, Status};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::scripts::{self, Script};

type Arguments = FnArgs<(u32, String, String)>;
type Callback = ThreadsafeFunction<(u32, &'static str, String), UnknownReturnValue, Arguments, Status, false, true>;
/// Settles a question: its number, whether it went well, and the answer.
type Settle<'a> = Function<'a, FnArgs<(u32, bool, String)>, ()>;
/// The script's `createAsker`: makes the function that asks.
type Make<'a> = Function<'a, FnArgs<(Object<'a>, Settle<'a>)>, Function<'a, Arguments, UnknownReturnValue>>;
/// What the callback returned, or the words of what it threw.
pub(crate) type Answer = Result<Value, String>;

/// The callbacks of one login or one manager.
pub(crate) struct Asker {
    callback: Callback,
    waiting: Arc<Mutex<Waiting>>,
    gone: CancellationToken,
}

#[derive(Default)]
struct Waiting {
    last: u32,
    asked: HashMap<u32, oneshot::Sender<Answer>>,
}

impl Asker {
    /// On the JavaScript thread. No callback runs once `closed` is cancelled.
    pub(crate) fn new<'env>(
        env: &'env Env,
        callbacks: &[(&'static str, Option<Unknown<'env>>)],
        closed: &CancellationToken,
        gone: CancellationToken,
    ) -> Result<Arc<Self>> {
        let broken = |error: napi::Error| scripts::broken(&error);
        let mut object = Object::new(env).map_err(broken)?;
        for (name, callback) in callbacks {
            if let Some(callback) = callback {
                object.set_named_property(name, *callback).map_err(broken)?;
            }
        }
        let waiting: Arc<Mutex<Waiting>> = Arc::default();
        let answers = waiting.clone();
        let settle: Function<'_, FnArgs<(u32, bool, String)>, ()> = env
            .create_function_from_closure("settle", move |call| {
                let (number, ok, text) = (call.get::<u32>(0)?, call.get::<bool>(1)?, call.get::<String>(2)?);
                if let Some(asked) = answers.lock().asked.remove(&number) {
                    let answer = if ok { Ok(serde_json::from_str(&text).unwrap_or_default()) } else { Err(text) };
                    // Whoever asked has given up.
                    drop(asked.send(answer));
                }
                Ok(())
            })
            .map_err(broken)?;
        let make: Make<'_> = scripts::function(env, Script::Embedded, "createAsker")?;
        let ask = make.call((object, settle).into()).map_err(broken)?;
        let closed = closed.clone();
        let callback = ask
            .build_threadsafe_function::<(u32, &'static str, String)>()
            .weak::<true>()
            .callee_handled::<false>()
            .build_callback(move |call| {
                let (number, what, args) = call.value;
                let number = if closed.is_cancelled() { 0 } else { number };
                Ok((number, what.to_owned(), args).into())
            })
            .map_err(broken)?;
        Ok(Arc::new(Self { callback, waiting, gone }))
    }

    /// Asks and waits, a bounded time.
    pub(crate) async fn ask(&self, what: &'static str, args: &Value, patience: Duration) -> Answer {
        let (settle, settled) = oneshot::channel();
        let number = {
            let mut waiting = self.waiting.lock();
            waiting.last = waiting.last.checked_add(1).unwrap_or(1);
            let number = waiting.last;
            waiting.asked.insert(number, settle);
            number
        };
        let call = self.callback.call((number, what, args.to_string()), ThreadsafeFunctionCallMode::NonBlocking);
        let answer = if call == Status::Ok {
            tokio::select! {
                biased;
                answer = settled => answer.unwrap_or_else(|_| Err("it was not answered".into())),
                () = self.gone.cancelled() => Err("the environment ends".into()),
                () = tokio::time::sleep(patience) => Err(format!("it did not answer within {} s", patience.as_secs())),
            }
        } else {
            Err("the environment ends".into())
        };
        self.waiting.lock().asked.remove(&number);
        answer
    }
}
