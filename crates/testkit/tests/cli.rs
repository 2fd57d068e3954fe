//! The dev server as a program.
#![expect(clippy::unwrap_used, reason = "the helpers, too, fail their test")]

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openim-dev-server"));
    command.args(arguments).kill_on_drop(true).stdin(Stdio::null());
    command
}

async fn finished(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = timeout(PATIENCE, program(arguments).output()).await.unwrap().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn help_and_version_are_printed() {
    let (code, out, err) = finished(&["--help"]).await;
    assert!(code == Some(0) && out.contains("--ws-port") && err.is_empty());
    let (code, out, _) = finished(&["--version"]).await;
    assert_eq!((code, out), (Some(0), format!("openim-dev-server {}\n", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn a_mistake_is_one_line_and_exit_code_2() {
    for arguments in [&["--wrong"][..], &["--host", "0.0.0.0"], &["--config", "/no/such/file.json"]] {
        let (code, out, err) = finished(arguments).await;
        assert_eq!((code, out.as_str(), err.lines().count()), (Some(2), "", 1), "{err}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_program_serves_until_sigterm() {
    let arguments = ["--ws-port", "0", "--api-port", "0", "--user", "ann:Ann", "--user", "ben", "--group", "g:ann,ben"];
    let mut child = program(&[&arguments[..], &["--json"]].concat()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
    let facts: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&facts["users"][0]["nickname"], &facts["users"][1]["userID"]), (&"Ann".into(), &"ben".into()));

    let address = facts["wsAddr"].as_str().unwrap().replace("ws://", "");
    let stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let token = facts["users"][0]["token"].as_str().unwrap();
    let url = format!(
        "ws://{address}/?sendID=ann&token={token}&platformID=5&operationID=o&isBackground=false&isMsgResp=true&sdkType=js"
    );
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    let first = timeout(PATIENCE, futures_util::StreamExt::next(&mut socket)).await.unwrap().unwrap().unwrap();
    assert_eq!(first.to_text().unwrap(), r#"{"errCode":0,"errMsg":"","errDlt":""}"#);

    // With a client still connected.
    let pid = child.id().unwrap().to_string();
    let killed = Command::new("kill").args(["-TERM", &pid]).status().await.unwrap();
    assert!(killed.success());
    assert_eq!(timeout(PATIENCE, child.wait()).await.unwrap().unwrap().code(), Some(0));
}

#[tokio::test]
async fn a_port_in_use_is_exit_code_1() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, out, err) = finished(&["--ws-port", &port, "--api-port", "0"]).await;
    assert!(code == Some(1) && out.is_empty() && err.contains(&format!("127.0.0.1:{port}")), "{err}");
}
