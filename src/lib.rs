//! The binding: the only place that may say `napi`. Its law stands in `docs/bridge-rules.md`.
//!
//! A method here converts, calls the room below, and converts back. What can be said without JavaScript lives below.
#![cfg_attr(test, allow(dead_code, reason = "napi registers exports outside tests only"))]

mod answer;
#[cfg(feature = "probes")]
mod armed_panic;
mod batch;
mod channel_plugin;
mod client;
mod dto;
mod env;
mod event;
mod files;
mod functions;
#[cfg(test)]
mod generated;
mod js_args;
mod ledgers;
mod limits;
mod log;
mod message;
mod outcome;
mod packed;
#[cfg(feature = "probes")]
mod probes;
mod pump;
mod refresh;
mod scripts;
mod trace;
mod transfer;

/// Runs once when the file is loaded: the runtime all clients share.
#[cfg(not(test))]
#[napi_derive::module_init]
fn init() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(limits::RUNTIME_THREADS)
        .thread_name("multi-openim")
        .enable_all()
        .build();
    // Without a runtime of ours napi makes one of its own; only its size differs.
    if let Ok(runtime) = runtime {
        napi::bindgen_prelude::create_custom_tokio_runtime(runtime);
    }
    // Panics are caught and reported where they cross; the default hook would print them into the host's output.
    std::panic::set_hook(Box::new(|_| {}));
}
