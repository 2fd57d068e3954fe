//! Which files are taken, and files that change while they are uploaded (F23).

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use base::Kind;
use openim_client::media::{Rules, Upload};
use parking_lot::Mutex;

use crate::gate::{Gate, PART, Verdict, quick, upload};

/// Uploads a file to which something happens when its first part is on its way; the error's words.
async fn changing(gate: &Gate, change: impl FnOnce(PathBuf) + Send + 'static) -> String {
    let path = gate.file("a.bin", PART * 8);
    let changing = path.clone();
    let change = Arc::new(Mutex::new(Some(change)));
    gate.on_request(move |seen| {
        if seen.method == "PUT"
            && let Some(change) = change.lock().take()
        {
            change(changing.clone());
        }
        Verdict::Pass
    });
    let error = gate.upload(&path).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Upload);
    assert!(!error.is_retryable());
    assert_eq!(gate.count("/object/complete_multipart_upload"), 0);
    error.to_string()
}

#[tokio::test]
async fn a_file_that_becomes_shorter_is_said_to_have() {
    let gate = Gate::open().await;
    let text = changing(&gate, |path| {
        OpenOptions::new().write(true).open(path).unwrap().set_len(PART as u64).unwrap();
    })
    .await;
    assert!(text.starts_with("\"a.bin\" changed while it was being uploaded: it became shorter"), "{text}");
}

#[tokio::test]
async fn a_file_that_becomes_longer_is_said_to_have() {
    let gate = Gate::open().await;
    let text = changing(&gate, |path| {
        OpenOptions::new().append(true).open(path).unwrap().write_all(b"more").unwrap();
    })
    .await;
    assert!(text.contains("it became longer"), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_vanishes_is_said_to_have() {
    let gate = Gate::open().await;
    let text = changing(&gate, |path| std::fs::remove_file(path).unwrap()).await;
    assert!(text.contains("it was deleted or replaced"), "{text}");
}

#[tokio::test]
async fn a_file_that_is_written_over_is_said_to_have_been() {
    let gate = Gate::open().await;
    let text = changing(&gate, |path| {
        let mut file = OpenOptions::new().write(true).open(path).unwrap();
        file.write_all(b"other").unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    })
    .await;
    assert!(text.contains("it was written to"), "{text}");
}

async fn refused(gate: &Gate, path: PathBuf, rules: Rules) -> (Kind, String) {
    let error = gate.uploader(quick()).upload(Upload { rules, ..upload(&path) }).await.unwrap_err();
    assert_eq!(gate.seen(<[_]>::len), 0, "the server hears nothing of it");
    (error.kind(), error.to_string())
}

#[tokio::test]
async fn case_75_an_empty_file_is_refused_here() {
    let gate = Gate::open().await;
    let (kind, text) = refused(&gate, gate.file("empty.txt", 0), Rules::default()).await;
    assert_eq!(kind, Kind::Upload);
    assert!(text.contains("\"empty.txt\" cannot be uploaded: it is empty"), "{text}");
}

#[tokio::test]
async fn a_file_larger_than_its_caller_allows_is_refused() {
    let gate = Gate::open().await;
    let rules = Rules { max_bytes: 9, ..Rules::default() };
    let (kind, text) = refused(&gate, gate.file("a.bin", 10), rules).await;
    assert_eq!(kind, Kind::TooLarge);
    assert!(text.contains("10 bytes and at most 9"), "{text}");
}

#[tokio::test]
async fn what_is_not_there_and_what_is_no_file_are_refused() {
    let gate = Gate::open().await;
    let (_, text) = refused(&gate, gate.dir.path().join("nothing.txt"), Rules::default()).await;
    assert!(text.contains("there is no such file"), "{text}");
    assert!(!text.contains(gate.dir.path().to_str().unwrap()), "the name is enough: {text}");
    let (_, text) = refused(&gate, gate.dir.path().to_path_buf(), Rules::default()).await;
    assert!(text.contains("it is no regular file"), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_refused_at_once_and_a_link_where_the_caller_wants_none() {
    let gate = Gate::open().await;
    let pipe = gate.dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (_, text) = refused(&gate, pipe, Rules::default()).await;
    assert!(text.contains("it is no regular file"), "{text}");
    let link = gate.dir.path().join("link.txt");
    std::os::unix::fs::symlink(gate.file("target.txt", 10), &link).unwrap();
    let rules = Rules { follow_links: false, ..Rules::default() };
    let (_, text) = refused(&gate, link.clone(), rules).await;
    assert!(text.contains("it is a symbolic link"), "{text}");
    gate.upload(&link).await.unwrap();
}
