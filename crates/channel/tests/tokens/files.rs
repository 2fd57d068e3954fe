//! The files against kills, full disks and directories that may not be written.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use channel::tokens::config::RefreshSettings;
use channel::tokens::{Fetched, HttpRefresher, Reason, RefreshOutcome, Refresher, Secrets, TokenRecord, TokenStore};
use serde_json::{Value, json};

use crate::support::{Setup, ok};

/// Where the child of a test writes until it is killed.
const DIRECTORY: &str = "TOKENS_TEST_DIRECTORY";
/// What a record of the test is as long as.
const LONG: usize = 3_000;

fn refresher(state: &Path) -> HttpRefresher {
    let http = json!({"endpoint": "http://127.0.0.1:1/", "responseTokenPath": "t", "stateFile": state});
    let settings = RefreshSettings::read(Some(&json!({"mode": "http", "http": http})));
    let network = net::Network::new(&net::Settings::default()).unwrap();
    HttpRefresher::new(settings.http.unwrap(), network.http().unwrap(), None)
}

fn record(n: usize) -> TokenRecord {
    TokenRecord { login: "l".into(), token: n.to_string().repeat(LONG / n.to_string().len()), ..TokenRecord::default() }
}

/// Not a test: what the test below runs in a process of its own, and kills.
#[tokio::test]
async fn child_that_writes_until_it_is_killed() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let directory = Path::new(&directory);
    let store = TokenStore::File(directory.join("tokens.json"));
    let refresher = refresher(&directory.join("state.json"));
    for n in 1.. {
        store.save("child", record(n)).await.unwrap();
        let keep = Secrets(json!({"refreshToken": "r".repeat(n % LONG)}).as_object().unwrap().clone());
        refresher.keep("child", &Fetched { keep, ..Fetched::default() }).await.unwrap();
    }
}

#[tokio::test]
async fn five_hundred_kills_while_writing_leave_a_whole_file_each_time() {
    let directory = tempfile::tempdir().unwrap();
    let (tokens, state) = (directory.path().join("tokens.json"), directory.path().join("state.json"));
    TokenStore::File(tokens.clone()).save("other", record(7)).await.unwrap();
    std::fs::write(&state, "{\"other\": {\"refreshToken\":  \"mine\"}}").unwrap();
    for round in 0..500_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "files::child_that_writes_until_it_is_killed", "--test-threads=1"])
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // From before its first write to many writes later.
        tokio::time::sleep(Duration::from_micros(2_000 + round * 7_919 % 40_000)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let whole: Value = serde_json::from_slice(&std::fs::read(&tokens).unwrap()).unwrap();
        assert_eq!(whole["other"]["token"].as_str().unwrap(), record(7).token, "round {round}");
        let kept: Value = serde_json::from_slice(&std::fs::read(&state).unwrap()).unwrap();
        assert_eq!(kept["other"]["refreshToken"], "mine", "round {round}");
    }
    let whole: Value = serde_json::from_slice(&std::fs::read(&tokens).unwrap()).unwrap();
    assert!(whole["child"]["token"].is_string(), "the child never came to writing");
    // What the kills left behind goes with the next write.
    TokenStore::File(tokens).save("other", record(8)).await.unwrap();
    refresher(&state)
        .keep("other", &Fetched { keep: Secrets(json!({"a": 1}).as_object().unwrap().clone()), ..Fetched::default() })
        .await
        .unwrap();
    let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".tmp")), "{left:?}");
}

#[tokio::test]
async fn two_writers_of_one_record_file_lose_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = TokenStore::File(directory.path().join("tokens.json"));
    let writers = (0..4).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..25 {
                store.save(&format!("a{writer}-{n}"), record(n + 1)).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let whole: Value = serde_json::from_slice(&std::fs::read(directory.path().join("tokens.json")).unwrap()).unwrap();
    assert_eq!(whole.as_object().unwrap().len(), 100);
}

/// A file stands where the directory would have to be made: nothing can be written there, until it is gone.
#[tokio::test(start_paused = true)]
async fn a_place_that_cannot_be_written_keeps_the_old_token_working_and_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let blocked = directory.path().join("file");
    std::fs::write(&blocked, "x").unwrap();
    let mut setup = Setup::new("old", vec![ok("new")]);
    setup.store = TokenStore::File(blocked.join("tokens.json"));
    let fixture = setup.build();
    fixture.manager.begin().await;
    let outcome = fixture.manager.refresh(Reason::Proactive).await;
    assert!(
        matches!(&outcome, RefreshOutcome::Transient { why, .. } if why.contains("cannot be written down")),
        "{outcome:?}"
    );
    assert_eq!(fixture.token(), "old");
    assert!(fixture.manager.facts().fault.unwrap().contains("the old one is kept in use"));
    // There is room again.
    std::fs::remove_file(&blocked).unwrap();
    assert_eq!(fixture.manager.refresh(Reason::Proactive).await, RefreshOutcome::Success);
    assert_eq!((fixture.token().as_str(), fixture.script.count(), fixture.manager.facts().fault), ("new", 1, None));
}

/// Not a test: what the test below runs under a limit of the size of files, which ends a write in the middle as a full
/// disk does.
#[tokio::test]
async fn child_whose_files_may_not_grow() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let store = TokenStore::File(Path::new(&directory).join("tokens.json"));
    let written = store.save("child", record(5)).await;
    assert!(written.is_err(), "the limit is not in force");
    println!("refused");
}

#[cfg(unix)]
#[tokio::test]
async fn a_write_that_ends_in_the_middle_leaves_the_old_file_whole() {
    let directory = tempfile::tempdir().unwrap();
    let tokens = directory.path().join("tokens.json");
    let store = TokenStore::File(tokens.clone());
    store.save("other", TokenRecord { token: "short".into(), ..TokenRecord::default() }).await.unwrap();
    let before = std::fs::read(&tokens).unwrap();
    // 1 is 1,024 bytes, or 512 in some shells; SIGXFSZ is ignored so that the write fails instead of the process.
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" --exact files::child_whose_files_may_not_grow --nocapture";
    let ran = Command::new("bash")
        .args(["-c", script])
        .arg(std::env::current_exe().unwrap())
        .env(DIRECTORY, directory.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success() && said.contains("refused"), "{said} {}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(std::fs::read(&tokens).unwrap(), before);
    let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".tmp")), "{left:?}");
}

/// Not a test: what the test below runs as somebody who may not write everywhere.
#[tokio::test(start_paused = true)]
async fn child_whose_directory_is_read_only() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let mut setup = Setup::new("old", vec![ok("new")]);
    setup.store = TokenStore::File(Path::new(&directory).join("tokens.json"));
    let fixture = setup.build();
    let outcome = fixture.manager.refresh(Reason::Proactive).await;
    assert!(matches!(outcome, RefreshOutcome::Transient { .. }), "{outcome:?}");
    assert_eq!(fixture.token(), "old");
    assert!(fixture.manager.facts().fault.unwrap().contains("the old one is kept in use"));
    println!("refused");
}

#[cfg(unix)]
#[test]
fn a_read_only_directory_keeps_the_old_token_working_and_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let mode = |mode| std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o500);
    let mut child = if std::fs::write(directory.path().join("probe"), "x").is_ok() {
        // Root may write everywhere, unless it lacks the privilege to.
        let mut child = Command::new("setpriv");
        child.args(["--bounding-set", "-dac_override"]).arg(std::env::current_exe().unwrap());
        child
    } else {
        Command::new(std::env::current_exe().unwrap())
    };
    child
        .args(["--exact", "files::child_whose_directory_is_read_only", "--nocapture"])
        .env(DIRECTORY, directory.path());
    let ran = child.output().unwrap();
    mode(0o700);
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success() && said.contains("refused"), "{said} {}", String::from_utf8_lossy(&ran.stderr));
}

#[tokio::test]
async fn what_is_kept_over_a_restart_is_for_the_owner_alone() {
    let directory = tempfile::tempdir().unwrap();
    let mut setup = Setup::new("old", vec![ok("new")]);
    setup.store = TokenStore::File(directory.path().join("deep").join("tokens.json"));
    let script = setup.script.clone() as Arc<dyn Refresher>;
    let fixture = setup.build();
    assert_eq!(fixture.manager.refresh(Reason::Expired).await, RefreshOutcome::Success);
    drop(script);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let deep = directory.path().join("deep");
        assert_eq!((mode(&deep), mode(&deep.join("tokens.json"))), (0o700, 0o600));
    }
}
