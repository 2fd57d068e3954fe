//! The server on real sockets.

use std::sync::Arc;

use futures_util::StreamExt;
use testkit::{Config, Server, SystemClock, SystemRandom};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::client_async;

use crate::support::*;

#[tokio::test]
async fn both_ports_serve_the_gateway_on_loopback() {
    let server = Server::new(Config::demo(), Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    let addresses = server.listen().await.unwrap();
    assert!(addresses.ws.starts_with("ws://127.0.0.1:") && addresses.api.starts_with("http://127.0.0.1:"));
    let token = server.issue_token("bot_7", WEB);
    for address in [addresses.ws.replace("ws://", ""), addresses.api.replace("http://", "")] {
        let stream = TcpStream::connect(&address).await.unwrap();
        let url = format!("ws://{address}/?{}", query("bot_7", &token, WEB));
        let (mut socket, _) = client_async(url, stream).await.unwrap();
        let first = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(first.to_text().unwrap(), r#"{"errCode":0,"errMsg":"","errDlt":""}"#);
    }
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
