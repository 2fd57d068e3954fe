//! `--data`: the state of a server is kept between runs.
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers, too, fail their test")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use testkit::{Config, GroupConfig, Recipient, Server, SystemClock, SystemRandom, UserConfig};

const WEB: i32 = 5;

fn open(directory: &Path) -> Result<Server, String> {
    open_with(Config::demo(), directory)
}

fn open_with(config: Config, directory: &Path) -> Result<Server, String> {
    Server::with_data(config, Arc::new(SystemClock), Arc::new(SystemRandom), directory)
}

async fn end(server: Server) {
    server.shutdown().await;
    server.save().unwrap();
}

fn refusal(directory: &Path) -> String {
    match open(directory) {
        Ok(_) => panic!("it was opened"),
        Err(why) => why,
    }
}

#[tokio::test]
async fn the_saved_state_is_restored() {
    let directory = tempfile::tempdir().unwrap();
    let server = open(directory.path()).unwrap();
    let token = server.token("bot_7", WEB);
    for text in ["one", "two", "three"] {
        server.send_as("alice", Recipient::User("bot_7"), text).unwrap();
    }
    assert!(server.lose_message("si_alice_bot_7", 2));
    let before = server.stored("si_alice_bot_7");
    end(server).await;

    let server = open(directory.path()).unwrap();
    assert_eq!(server.stored("si_alice_bot_7"), before);
    assert_eq!(server.token("bot_7", WEB), token, "the token is still good");
    server.send_as("alice", Recipient::User("bot_7"), "four").unwrap();
    assert_eq!(server.stored("si_alice_bot_7").last().unwrap().seq, 4);
    end(server).await;
}

#[tokio::test]
async fn a_kicked_token_stays_kicked_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let server = open(directory.path()).unwrap();
    let token = server.token("bot_7", WEB);
    server.kick("bot_7", WEB);
    end(server).await;
    let server = open(directory.path()).unwrap();
    assert_ne!(server.token("bot_7", WEB), token);
    end(server).await;
}

#[tokio::test]
async fn configured_users_and_groups_join_the_saved_ones() {
    let directory = tempfile::tempdir().unwrap();
    end(open(directory.path()).unwrap()).await;
    let mut config = Config::demo();
    config.users.push(UserConfig { user_id: "dora".into(), ..UserConfig::default() });
    let members = vec!["dora".into(), "alice".into()];
    config.groups.push(GroupConfig { group_id: "g2".into(), members, ..GroupConfig::default() });
    let server = open_with(config, directory.path()).unwrap();
    server.send_as("dora", Recipient::Group("g2"), "hello").unwrap();
    server.send_as("bob", Recipient::Group("g100"), "hello").unwrap();
    server.send_as("dora", Recipient::Group("g100"), "hello").unwrap_err();
    end(server).await;
}

#[tokio::test]
async fn changes_are_saved_while_the_server_runs() {
    let directory = tempfile::tempdir().unwrap();
    let server = open(directory.path()).unwrap();
    server.send_as("alice", Recipient::User("bot_7"), "hello").unwrap();
    let file = directory.path().join("state.json");
    let written = || std::fs::read_to_string(&file).is_ok_and(|text| text.contains("si_alice_bot_7"));
    for _ in 0..200 {
        if written() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(written());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    end(server).await;
}

#[tokio::test]
async fn an_unusable_data_directory_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let server = open(directory.path()).unwrap();
    assert!(refusal(directory.path()).contains("in use: stop the other server"));
    end(server).await;
    std::fs::write(directory.path().join("state.json"), "{").unwrap();
    let why = refusal(directory.path());
    assert!(why.contains("state.json") && why.contains("move it away"), "{why}");
}
