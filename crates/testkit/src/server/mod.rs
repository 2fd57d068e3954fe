//! The server as a test holds it: create it, change its state, inject faults, stop it. How it is reached is in `entry/`.

mod connections;
mod faults;
pub(crate) mod messages;

use std::path::Path;
use std::sync::Arc;

use base::{Clock, RandomSource};
use tokio::sync::watch;

use crate::backend::{Backend, State};
use crate::config::Config;
use crate::faults::listener::ListenerState;
use crate::model::Model;
use crate::saving::{self, DataDirectory};
use crate::storage::files::FileStore;
use crate::token_endpoint::TokenEndpoint;

/// What the server's two ports do with new connections.
#[derive(Default)]
pub(crate) struct ListenerStates {
    pub(crate) ws: watch::Sender<ListenerState>,
    pub(crate) api: watch::Sender<ListenerState>,
}

pub(crate) struct Inner {
    pub(crate) backend: Arc<Backend>,
    pub(crate) files: Arc<FileStore>,
    pub(crate) token_endpoint: Arc<TokenEndpoint>,
    pub(crate) listeners: ListenerStates,
    /// Where the state is kept between runs.
    data: Option<Arc<DataDirectory>>,
}

/// A running OpenIM server with its own users, groups, tokens and messages. Clones are the same server.
#[derive(Clone)]
pub struct Server(pub(crate) Arc<Inner>);

impl Server {
    /// A server in memory that is not reachable yet: see [`Self::listen`] and [`Self::open`]. The error is that of
    /// [`Config::check`].
    pub fn new(config: Config, clock: Arc<dyn Clock>, random: Arc<dyn RandomSource>) -> Result<Self, String> {
        config.check()?;
        Ok(Self::with_model(Model::new(config, clock, Arc::clone(&random)), random, None))
    }

    /// A server that keeps its state in a directory and continues with the state it finds there. Call it inside a
    /// runtime, and call [`Self::save`] after [`Self::shutdown`].
    pub fn with_data(
        config: Config,
        clock: Arc<dyn Clock>,
        random: Arc<dyn RandomSource>,
        directory: &Path,
    ) -> Result<Self, String> {
        config.check()?;
        let (data, saved) = DataDirectory::open(directory)?;
        let model = match saved {
            Some(saved) => Model::restored(saved, config, clock, Arc::clone(&random)),
            None => Model::new(config, clock, Arc::clone(&random)),
        };
        let data = Arc::new(data);
        let server = Self::with_model(model, random, Some(Arc::clone(&data)));
        let backend = &server.0.backend;
        backend.tasks.spawn(saving::save_after_changes(Arc::clone(backend), data));
        Ok(server)
    }

    fn with_model(model: Model, random: Arc<dyn RandomSource>, data: Option<Arc<DataDirectory>>) -> Self {
        let files = data.as_ref().map_or_else(FileStore::temporary, |data| FileStore::Permanent(data.objects()));
        Self(Arc::new(Inner {
            backend: Backend::new(model, random),
            files: Arc::new(files),
            token_endpoint: Arc::default(),
            listeners: ListenerStates::default(),
            data,
        }))
    }

    /// Ends every connection and listener and waits for them. The state can still be read.
    pub async fn shutdown(&self) {
        let backend = &self.0.backend;
        backend.stop.cancel();
        backend.tasks.close();
        backend.tasks.wait().await;
    }

    /// Writes the state to the directory of [`Self::with_data`] now.
    pub fn save(&self) -> Result<(), String> {
        self.0.data.as_ref().map_or(Ok(()), |data| saving::save(&self.0.backend, data))
    }

    /// Waits until `holds` is true of the server; it is evaluated again after every change. Give it a deadline.
    pub async fn wait_until(&self, holds: impl Fn(&Self) -> bool) {
        let mut changes = self.0.backend.changes();
        while !holds(self) {
            changes.mark_unchanged();
            if holds(self) || changes.changed().await.is_err() {
                return;
            }
        }
    }

    pub(crate) fn change<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        self.0.backend.change(with)
    }

    pub(crate) fn look<T>(&self, with: impl FnOnce(&State) -> T) -> T {
        self.0.backend.look(with)
    }
}
