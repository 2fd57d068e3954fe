//! `refreshToken` and `offerToken`.

use napi::Env;
use napi::bindgen_prelude::Unknown;
use napi_derive::napi;

use super::OpenImClient;
use crate::outcome::{self, Promised};
use crate::refresh::{self, OfferResult};

#[napi]
impl OpenImClient {
    /// Fetches a new token as `tokenRefresh` says, and reconnects with it. Concurrent calls share one request.
    #[napi(
        catch_unwind,
        ts_args_type = "reason?: string | undefined | null",
        ts_return_type = "Promise<RefreshResult>"
    )]
    pub fn refresh_token<'env>(&self, env: &'env Env, reason: Option<Unknown<'env>>) -> Promised<'env> {
        let core = self.core.clone();
        let reason = outcome::caught("refreshToken", || refresh::words(reason.as_ref()));
        outcome::promise(env, "refreshToken", async move {
            let reason = reason?;
            let login = core.running()?;
            Ok(refresh::refresh(login.account.tokens(), reason).await)
        })
    }

    /// Takes a token from outside, such as one from a changed configuration. It is used at once if it is newer than
    /// the current one.
    #[napi(catch_unwind, ts_args_type = "token: string", ts_return_type = "Promise<OfferResult>")]
    pub fn offer_token<'env>(&self, env: &'env Env, token: Unknown<'env>) -> Promised<'env> {
        let core = self.core.clone();
        let token = outcome::caught("offerToken", || refresh::offered(&token));
        outcome::promise(env, "offerToken", async move {
            let token = token?;
            let login = core.running()?;
            Ok(OfferResult::from(login.account.tokens().offer(&token).await))
        })
    }
}
