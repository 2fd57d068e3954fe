//! The refresher and the listeners that are functions in JavaScript.

use std::io;
use std::sync::Arc;

use base::{BoxFuture, Redacted};
use channel::tokens::{Announce, FetchFailure, Fetched, Reason, Refresher, plain_words};
use serde_json::{Value, json};

use super::ask::Asker;
use crate::limits::{HOOK_MAX, PERSIST_MAX};

/// `globalThis.__multiOpenimTokenRefresher(accountId, reason)`, or a function given instead of it.
pub(crate) struct HookRefresher(pub(crate) Arc<Asker>);

impl Refresher for HookRefresher {
    fn fetch<'a>(&'a self, account: &'a str, reason: &'a Reason) -> BoxFuture<'a, Result<Fetched, FetchFailure>> {
        Box::pin(async move {
            let answer = self.0.ask("refresh", &json!([account, reason.words()]), HOOK_MAX).await;
            read(answer)
        })
    }
}

fn read(answer: Result<Value, String>) -> Result<Fetched, FetchFailure> {
    let failed = |why: String| FetchFailure::Transient { why, retry_after: None, call_person: true };
    let answer = answer.map_err(|why| failed(format!("the token refresher failed: {}", plain_words(&why))))?;
    let has = |name: &str| answer.get(name).and_then(Value::as_bool) == Some(true);
    if has("absent") {
        return Err(FetchFailure::Absent);
    }
    if has("none") {
        return Err(FetchFailure::Nobody("the token refresher has no token".into()));
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let Some(token) = text("token") else {
        return Err(failed("the token refresher must return {token, userID?} or null".into()));
    };
    let user_id = text("userID").map(str::to_owned);
    Ok(Fetched { token: Redacted::new(token.to_owned()), user_id, ..Fetched::default() })
}

/// `onToken({accountId, token, userID})`.
pub(crate) struct TellToken(pub(crate) Arc<Asker>);

impl Announce for TellToken {
    fn announce<'a>(
        &'a self,
        account: &'a str,
        token: &'a Redacted<String>,
        user: &'a str,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let news = json!([{ "accountId": account, "token": token.expose(), "userID": user }]);
            let told = self.0.ask("token", &news, PERSIST_MAX).await;
            told.map(drop).map_err(|why| without(&why, token))
        })
    }
}

/// Another refresher whose new tokens are also given to a function that stores them. Its failure keeps the old one in use.
pub(crate) struct Persisting {
    pub(crate) inner: Arc<dyn Refresher>,
    pub(crate) asker: Arc<Asker>,
}

impl Refresher for Persisting {
    fn key<'a>(&'a self, account: &'a str) -> BoxFuture<'a, String> {
        self.inner.key(account)
    }

    fn fetch<'a>(&'a self, account: &'a str, reason: &'a Reason) -> BoxFuture<'a, Result<Fetched, FetchFailure>> {
        self.inner.fetch(account, reason)
    }

    fn keep<'a>(&'a self, account: &'a str, fetched: &'a Fetched) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async move {
            self.inner.keep(account, fetched).await?;
            let news = json!([{ "accountId": account, "token": fetched.token.expose(), "userID": fetched.user_id, "fields": fetched.keep.0 }]);
            let stored = self.asker.ask("persist", &news, PERSIST_MAX).await;
            stored
                .map(drop)
                .map_err(|why| io::Error::other(format!("persist failed: {}", without(&why, &fetched.token))))
        })
    }

    fn done<'a>(&'a self, account: &'a str) -> BoxFuture<'a, Vec<String>> {
        self.inner.done(account)
    }
}

/// Foreign words about a token, without it.
fn without(why: &str, token: &Redacted<String>) -> String {
    plain_words(&why.replace(token.expose().as_str(), "<redacted>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_of_a_hook_means_something() {
        let fetched = read(Ok(json!({"token": " t ", "userID": "bot"}))).unwrap();
        assert_eq!((fetched.token.expose().as_str(), fetched.user_id.as_deref()), ("t", Some("bot")));
        assert_eq!(read(Ok(json!({"absent": true}))).unwrap_err(), FetchFailure::Absent);
        assert!(matches!(read(Ok(json!({"none": true}))), Err(FetchFailure::Nobody(_))));
        for garbage in [json!({"garbage": true}), json!(null), json!({"token": ""}), json!({"token": 5})] {
            let failure = read(Ok(garbage)).unwrap_err();
            assert!(matches!(failure, FetchFailure::Transient { call_person: true, .. }), "{failure:?}");
        }
    }

    #[test]
    fn what_a_hook_throws_is_repeated_without_what_looks_like_a_token() {
        let thrown = "bad eyJhbGciOiJIUzI1NiJ9.eyJVc2VySUQiOiJib3QifQ.c2lnbmF0dXJl".to_owned();
        let Err(FetchFailure::Transient { why, .. }) = read(Err(thrown)) else { panic!("it is transient") };
        assert_eq!(why, "the token refresher failed: bad <redacted>");
    }
}
