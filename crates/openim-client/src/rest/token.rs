//! Where calls get their token from, one by one: it may change between two of them.

use base::{BoxFuture, Error, Redacted};

/// Asked for each request.
pub trait TokenSource: Send + Sync {
    /// The token to use now.
    fn current(&self) -> Redacted<String>;

    /// The server has refused this token, which was still the current one when it answered.
    fn rejected(&self, token: &Redacted<String>, why: &Error);

    /// The server's clock showed this just now, Unix milliseconds.
    fn server_time(&self, _ms: i64) {}

    /// Waits while another token is being fetched; whether there is another one now.
    fn renewed<'a>(&'a self, _token: &'a Redacted<String>) -> BoxFuture<'a, bool> {
        Box::pin(std::future::ready(false))
    }
}

/// One token for as long as the login lasts. What the server says of it reaches the caller with the error.
#[derive(Debug)]
pub struct FixedToken(pub Redacted<String>);

impl TokenSource for FixedToken {
    fn current(&self) -> Redacted<String> {
        self.0.clone()
    }

    fn rejected(&self, _: &Redacted<String>, _: &Error) {}
}
