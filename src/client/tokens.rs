//! `refreshToken` and `offerToken`.

use napi::Env;
use napi::bindgen_prelude::{PromiseRaw, Unknown};
use napi_derive::napi;

use super::OpenImClient;
use crate::outcome::{self, Outcome};
use crate::refresh::{self, OfferResult, RefreshResult};

#[napi]
impl OpenImClient {
    /// Has a new token fetched as `tokenRefresh` says, and reconnects with it. Callers at the same time share one request.
    #[napi(
        catch_unwind,
        ts_args_type = "reason?: string | undefined | null",
        ts_return_type = "Promise<RefreshResult>"
    )]
    pub fn refresh_token<'env>(
        &self,
        env: &'env Env,
        reason: Option<Unknown<'env>>,
    ) -> napi::Result<PromiseRaw<'env, Outcome<RefreshResult>>> {
        let core = self.core.clone();
        let reason = outcome::caught("refreshToken", || refresh::words(reason.as_ref()));
        env.spawn_future(Outcome::later("refreshToken", async move {
            let reason = reason?;
            let login = core.running()?;
            Ok(refresh::refresh(login.account.tokens(), reason).await)
        }))
    }

    /// Takes a token from outside, as from a changed configuration: in use at once if it is newer than the one in use.
    #[napi(catch_unwind, ts_args_type = "token: string", ts_return_type = "Promise<OfferResult>")]
    pub fn offer_token<'env>(
        &self,
        env: &'env Env,
        token: Unknown<'env>,
    ) -> napi::Result<PromiseRaw<'env, Outcome<OfferResult>>> {
        let core = self.core.clone();
        let token = outcome::caught("offerToken", || refresh::offered(&token));
        env.spawn_future(Outcome::later("offerToken", async move {
            let token = token?;
            let login = core.running()?;
            Ok(login.account.tokens().offer(&token).await.into())
        }))
    }
}
