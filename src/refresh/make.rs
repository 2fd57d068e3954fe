//! Makes the token manager of a login or of a `RefreshManager`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use base::{AccountId, Result};
use channel::TokenManager;
use channel::tokens::{
    Announce, HttpRefresher, Marker, RefreshMode, RefreshSettings, Refresher, TokenSpec, TokenStore, expand,
};
use openim_client::system::{SystemClock, SystemRandom};
use openim_client::{Login, Network, TokenReader};
use serde_json::Value;

use super::ask::Asker;
use super::hook::{HookRefresher, Persisting, TellToken};

/// Without a state directory what guards the next attempt lives as long as the process.
static IN_MEMORY: LazyLock<TokenStore> = LazyLock::new(TokenStore::default);

/// What JavaScript gives besides the configuration.
pub(crate) struct Callbacks {
    pub(crate) asker: Arc<Asker>,
    /// There is an `onToken`.
    pub(crate) tells: bool,
    /// There is a `persist`.
    pub(crate) persists: bool,
}

/// The token manager of a login or of a `RefreshManager`, and warnings about its settings.
pub(crate) fn token_manager(
    account: &AccountId,
    login: &Login,
    network: &Network,
    token_refresh: &Value,
    state_dir: Option<&Path>,
    callbacks: &Callbacks,
) -> Result<(Arc<TokenManager>, Vec<String>)> {
    let settings = RefreshSettings::read(Some(token_refresh));
    let home = std::env::home_dir();
    let asker = &callbacks.asker;
    let refresher: Option<Arc<dyn Refresher>> = match (settings.mode, settings.http) {
        (RefreshMode::Http, Some(http)) => Some(Arc::new(HttpRefresher::new(http, network.http()?, home.clone()))),
        (RefreshMode::Hook, _) => Some(Arc::new(HookRefresher(asker.clone()))),
        _ => None,
    };
    let refresher = match refresher {
        Some(inner) if callbacks.persists => {
            Some(Arc::new(Persisting { inner, asker: asker.clone() }) as Arc<dyn Refresher>)
        }
        other => other,
    };
    let own = state_dir.map(|directory| directory.join("multi-openim"));
    let marker = match &settings.marker {
        Some(template) => Some(expand(template, home.as_deref())),
        None => own.as_ref().map(|directory| directory.join("manual-login.json")),
    };
    let manager = TokenManager::new(TokenSpec {
        account: account.clone(),
        login: format!("{} {} {}", login.api_addr, login.user_id, login.platform_id),
        server: login.api_addr.origin().ascii_serialization(),
        user: login.user_id.clone(),
        token: login.token.clone(),
        mode: settings.mode,
        refresher,
        store: own
            .map_or_else(|| IN_MEMORY.clone(), |directory: PathBuf| TokenStore::File(directory.join("tokens.json"))),
        announce: callbacks.tells.then(|| Arc::new(TellToken(asker.clone())) as Arc<dyn Announce>),
        inspect: Arc::new(TokenReader::of(login)),
        marker: marker.map(|template| Marker::new(&template, account.as_str())),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    });
    Ok((manager, settings.warnings))
}
