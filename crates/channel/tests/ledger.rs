//! The ledger's file: what was settled survives, whatever happened to the file does not take the account along.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use base::Kind;
use channel::LoginKey;
use channel::ledger::{DeadLetter, History, Ledger, LoginProgress};

fn key() -> LoginKey {
    LoginKey::new("http://api:10002/", "bot_7", 5)
}

fn chat() -> Arc<str> {
    "si_alice_bot_7".into()
}

async fn write_something(path: &Path) {
    let ledger = Ledger::open(path, 1).unwrap();
    let login = ledger.login(&key()).unwrap();
    login.change(|progress| {
        progress.begin();
        progress.skip_to(&chat(), 10);
        progress.settle(&chat(), 12);
        progress.remember(&chat(), "m12");
    });
    login.flush().await;
    assert_eq!(login.fault(), None);
    ledger.close();
}

#[tokio::test]
async fn what_was_flushed_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deep").join("ledger.redb");
    write_something(&path).await;
    let ledger = Ledger::open(&path, 2).unwrap();
    assert_eq!(ledger.set_aside, None);
    ledger.login(&key()).unwrap().read(|progress| {
        assert!(progress.history() == History::Known && progress.knows("si_alice_bot_7", "m12"));
        assert_eq!((progress.cursor("si_alice_bot_7"), progress.is_settled("si_alice_bot_7", 12)), (Some(10), true));
    });
    let other = LoginKey::new("http://api:10002/", "bot_8", 5);
    assert_eq!(
        ledger.login(&other).unwrap().read(LoginProgress::history),
        History::FirstRun,
        "another login has a progress of its own"
    );
}

#[tokio::test]
async fn two_accounts_of_one_ledger_are_written_together() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.redb");
    {
        let ledger = Ledger::open(&path, 1).unwrap();
        for user in ["a", "b"] {
            let login = ledger.login(&LoginKey::new("http://api", user, 5)).unwrap();
            login.change(|progress| progress.skip_to(&chat(), 5));
        }
        ledger.close();
    }
    let ledger = Ledger::open(&path, 2).unwrap();
    for user in ["a", "b"] {
        let login = ledger.login(&LoginKey::new("http://api", user, 5)).unwrap();
        assert_eq!(login.read(|progress| progress.cursor("si_alice_bot_7")), Some(5));
    }
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_byte_for_byte_and_a_new_one_made() {
    for damage in ["", "short", &"x".repeat(100_000)] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.redb");
        fs::write(&path, damage).unwrap();
        let ledger = Ledger::open(&path, 77).unwrap();
        if damage.is_empty() {
            continue;
        }
        let aside = ledger.set_aside.clone().expect("it was taken for a good one");
        assert!(aside.ends_with("ledger.damaged-77"), "{aside}");
        assert_eq!(fs::read_to_string(aside).unwrap(), damage);
        assert_eq!(ledger.login(&key()).unwrap().read(LoginProgress::history), History::Damaged);
    }
}

#[tokio::test]
async fn a_file_damaged_in_the_middle_never_takes_the_process_along() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.redb");
    write_something(&path).await;
    let whole = fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 24) {
        let broken = directory.path().join(format!("broken-{at}.redb"));
        let mut bytes = whole.clone();
        for byte in bytes.iter_mut().skip(at).take(64) {
            *byte ^= 0x5a;
        }
        fs::write(&broken, bytes).unwrap();
        let ledger = Ledger::open(&broken, 3).unwrap();
        // Whatever could be read: asking does not panic and later writes work.
        if let Ok(login) = ledger.login(&key()) {
            login.change(|progress| progress.settle(&chat(), 99));
            login.flush().await;
        }
    }
}

#[tokio::test]
async fn a_file_in_use_is_left_alone_and_the_remedy_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.redb");
    let _holder = Ledger::open(&path, 1).unwrap();
    let error = Ledger::open(&path, 2).err().expect("it was opened twice");
    assert_eq!(error.kind(), Kind::AlreadyRunning);
    let owner = format!("is in use by process {}; stop the other gateway", std::process::id());
    assert!(error.message().contains(&owner), "{error}");
    assert!(path.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state").join("ledger.redb");
    write_something(&path).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[tokio::test]
async fn a_path_that_cannot_be_used_is_named_with_the_remedy() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Ledger::open(&file.join("ledger.redb"), 1).err().expect("a file is no directory");
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.message().contains("ledger.redb") && error.message().contains("mend the permissions"), "{error}");
}

#[tokio::test]
async fn the_newest_thousand_dead_letters_are_remembered_by_their_ids() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.redb");
    let ledger = Ledger::open(&path, 1).unwrap();
    let login = ledger.login(&key()).unwrap();
    for round in 0..11 {
        for n in 0..100 {
            let seq = round * 100 + n + 1;
            login.change(|progress| {
                progress.add_dead_letter(DeadLetter { conversation: chat(), id: format!("m{seq}"), seq });
            });
        }
        login.flush().await;
    }
    ledger.close();
    let kept = Ledger::open(&path, 2).unwrap().dead_letters(&key()).unwrap();
    assert_eq!((kept.len(), kept[0].seq, kept[999].id.as_str()), (1000, 101, "m1100"));
}

/// Unpacks the ledger that version 0.3.0 wrote; `fixtures/README.md` says how it was made.
fn ledger_of_0_3_0(directory: &Path) -> std::path::PathBuf {
    let path = directory.join("ledger.redb");
    let packed = &include_bytes!("fixtures/ledger-0.3.0.redb.gz")[..];
    std::io::copy(&mut flate2::read::GzDecoder::new(packed), &mut fs::File::create(&path).unwrap()).unwrap();
    path
}

#[tokio::test]
async fn a_file_of_0_3_0_keeps_everything() {
    let directory = tempfile::tempdir().unwrap();
    let path = ledger_of_0_3_0(directory.path());
    // The second round reads what the first has rewritten.
    for _ in 0..2 {
        let ledger = Ledger::open(&path, 1).unwrap();
        assert_eq!(ledger.set_aside, None);
        ledger.login(&key()).unwrap().read(|progress| {
            assert_eq!(progress.history(), History::Known);
            // A conversation that was met has a cursor, be it before its first message.
            assert_eq!((progress.cursor("si_alice_bot_7"), progress.cursor("sg_support")), (Some(10), Some(0)));
            let settled = |chat| (1..=18).filter(|seq| progress.is_settled(chat, *seq)).collect::<Vec<_>>();
            assert_eq!(settled("si_alice_bot_7"), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 15]);
            assert_eq!(settled("sg_support"), [3]);
            let delivered = |chat| (1..=18).filter(|seq| progress.was_delivered(chat, *seq)).collect::<Vec<_>>();
            assert_eq!(delivered("si_alice_bot_7"), [11, 14, 16, 17]);
            assert_eq!(delivered("sg_support"), [1, 2, 4]);
            let knows = |id| progress.knows("si_alice_bot_7", id);
            assert!(knows("m12") && knows("m13") && knows("m15") && !knows("m14"));
            assert!(progress.knows("sg_support", "g3") && !progress.knows("sg_support", "m12"));
        });
        let letters = ledger.dead_letters(&key()).unwrap();
        let letter = |seq| DeadLetter { conversation: chat(), id: format!("dead {seq}"), seq };
        assert_eq!(letters, [letter(20), letter(21)]);
        let unsynced = ledger.login(&LoginKey::new("http://api:10002", "bot_8", 5)).unwrap();
        unsynced.read(|progress| {
            assert_eq!((progress.history(), progress.cursor("si_alice_bot_7")), (History::FirstRun, Some(500)));
        });
        ledger.close();
    }
}

#[tokio::test]
async fn an_upgraded_file_takes_new_dead_letters_behind_the_old() {
    let directory = tempfile::tempdir().unwrap();
    let path = ledger_of_0_3_0(directory.path());
    let ledger = Ledger::open(&path, 1).unwrap();
    let login = ledger.login(&key()).unwrap();
    login.change(|progress| progress.add_dead_letter(DeadLetter { conversation: chat(), id: "new".into(), seq: 22 }));
    login.flush().await;
    let seqs: Vec<_> = ledger.dead_letters(&key()).unwrap().iter().map(|letter| letter.seq).collect();
    assert_eq!(seqs, [20, 21, 22]);
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_left_alone_and_the_remedy_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.redb");
    write_something(&path).await;
    {
        let db = redb::Database::open(&path).unwrap();
        let write = db.begin_write().unwrap();
        let format = redb::TableDefinition::<&str, u32>::new("format");
        write.open_table(format).unwrap().insert("format", 3).unwrap();
        write.commit().unwrap();
    }
    let error = Ledger::open(&path, 2).err().expect("it was taken for one of ours");
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.message().contains("format 3") && error.message().contains("update the plugin"), "{error}");
    assert!(path.exists() && !path.with_extension("damaged-2").exists());
}
