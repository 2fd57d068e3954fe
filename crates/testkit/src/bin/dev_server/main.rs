//! `openim-dev-server`: the server of this crate as a program.

mod cli;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Value, json};
use testkit::{Addresses, Config, Server, SystemClock, SystemRandom};

/// Wrong arguments or configuration.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match cli::parse(std::env::args().skip(1), |path| std::fs::read_to_string(path)) {
        Ok(cli::Command::Help) => say(cli::HELP),
        Ok(cli::Command::Version) => say(concat!("openim-dev-server ", env!("CARGO_PKG_VERSION"), "\n")),
        Ok(cli::Command::Run { config, json, data }) => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
            let outcome = runtime
                .map_err(|error| error.to_string())
                .and_then(|tokio| tokio.block_on(run(*config, json, data.as_deref())));
            match outcome {
                Ok(()) => ExitCode::SUCCESS,
                Err(why) => complain(&why, 1),
            }
        }
        Err(why) => complain(&why, USAGE),
    }
}

async fn run(config: Config, as_json: bool, data: Option<&Path>) -> Result<(), String> {
    // Before anything is printed: whoever reads the addresses may already want to stop the server.
    let stop = stop_signal().map_err(|error| format!("signals cannot be caught: {error}"))?;
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let server = match data {
        Some(directory) => Server::with_data(config.clone(), clock, random, directory)?,
        None => Server::new(config.clone(), clock, random)?,
    };
    let addresses = server.listen().await.map_err(|error| error.to_string())?;
    let facts = facts(&config, &server, &addresses);
    say(&if as_json { format!("{facts}\n") } else { page(&facts) });
    stop.await;
    server.shutdown().await;
    server.save()
}

#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a way to be told, the program runs until it is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// Everything a newcomer or a script needs, with a good token for each user. Tokens are this program's output: they open
/// nothing but itself.
fn facts(config: &Config, server: &Server, addresses: &Addresses) -> Value {
    let users: Vec<_> = config
        .users
        .iter()
        .map(|user| {
            let nickname = if user.nickname.is_empty() { &user.user_id } else { &user.nickname };
            let token = server.token(&user.user_id, config.platform_id);
            json!({ "userID": user.user_id, "nickname": nickname, "platformID": config.platform_id, "token": token })
        })
        .collect();
    let groups: Vec<_> = config
        .groups
        .iter()
        .map(|group| json!({ "groupID": group.group_id, "name": group.name, "members": group.members }))
        .collect();
    json!({
        "wsAddr": addresses.ws, "apiAddr": addresses.api, "users": users, "groups": groups,
    })
}

fn page(facts: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |name: &str| facts[name].as_array().cloned().unwrap_or_default();
    let mut page = format!(
        "OpenIM development server: loopback only\n\n  gateway  {}\n  API      {}\n\nUsers and their tokens\n",
        text(&facts["wsAddr"]),
        text(&facts["apiAddr"]),
    );
    for user in list("users") {
        let line = [&user["userID"], &user["nickname"], &user["token"]].map(text);
        page.push_str(&format!("\n  {} ({}, platform {})\n    {}\n", line[0], line[1], user["platformID"], line[2]));
    }
    page.push_str("\nGroups\n\n");
    for group in list("groups") {
        let members: Vec<_> = group["members"].as_array().into_iter().flatten().map(text).collect();
        page.push_str(&format!("  {}: {}\n", text(&group["groupID"]), members.join(", ")));
    }
    page.push_str("\nStop with Ctrl-C.\n");
    page
}

fn say(text: &str) -> ExitCode {
    // A reader that went away does not stop the server.
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    ExitCode::SUCCESS
}

fn complain(why: &str, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "openim-dev-server: {why}");
    ExitCode::from(code)
}
