//! The server on real sockets.

use std::sync::Arc;

use futures_util::StreamExt;
use testkit::{Config, Server, SystemClock, SystemRandom};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Error;

use crate::support::*;

#[tokio::test]
async fn each_port_serves_its_protocol_on_loopback() {
    let server = Server::new(Config::demo(), Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    let addresses = server.listen().await.unwrap();
    assert!(addresses.ws.starts_with("ws://127.0.0.1:") && addresses.api.starts_with("http://127.0.0.1:"));
    let token = server.issue_token("bot_7", WEB);
    let (ws, api) = (addresses.ws.replace("ws://", ""), addresses.api.replace("http://", ""));
    let url = format!("ws://{ws}/?{}", query("bot_7", &token, WEB));
    let (mut socket, _) = client_async(&url, TcpStream::connect(&ws).await.unwrap()).await.unwrap();
    let first = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(first.to_text().unwrap(), r#"{"errCode":0,"errMsg":"","errDlt":""}"#);
    let wrong = client_async(&url, TcpStream::connect(&api).await.unwrap()).await.unwrap_err();
    assert!(matches!(wrong, Error::Http(answer) if answer.status() == 404), "the API knows no websocket");
    let mut rest = TcpStream::connect(&ws).await.unwrap();
    rest.write_all(b"POST /auth/get_admin_token HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    rest.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("1602"), "the gateway knows no calls: {answer}");
    timeout(PATIENCE, server.shutdown()).await.unwrap();
}

#[tokio::test]
async fn a_port_in_use_is_reported_with_a_remedy() {
    let server = Server::new(Config::demo(), Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    let taken = server.listen().await.unwrap();
    let port = taken.ws.rsplit(':').next().unwrap().parse().unwrap();
    let config = Config { ws_port: port, ..Config::demo() };
    let second = Server::new(config, Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    let error = second.listen().await.unwrap_err().to_string();
    assert!(error.contains(&format!("127.0.0.1:{port}")) && error.contains("choose another"), "{error}");
    server.shutdown().await;
}
