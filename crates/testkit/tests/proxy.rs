//! The chaos proxy on real sockets.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::io::ErrorKind;
use std::time::Duration;

use testkit::{ChaosProxy, ConnectionConditions, Direction};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

const PATIENCE: Duration = Duration::from_secs(20);

/// A proxy in front of a server that says back what it hears.
async fn echo() -> ChaosProxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = socket.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    ChaosProxy::start(0, &address).await.unwrap()
}

async fn line(proxy: &ChaosProxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.unwrap()
}

/// Everything until the end, and how it ended.
async fn all(line: &mut TcpStream) -> (Vec<u8>, Option<ErrorKind>) {
    let mut seen = Vec::new();
    let end = timeout(PATIENCE, line.read_to_end(&mut seen)).await.expect("no end");
    (seen, end.err().map(|error| error.kind()))
}

#[tokio::test]
async fn an_undisturbed_connection_passes_and_counts_bytes() {
    let proxy = echo().await;
    let mut line = line(&proxy).await;
    line.write_all(b"hello").await.unwrap();
    let mut back = [0; 5];
    timeout(PATIENCE, line.read_exact(&mut back)).await.unwrap().unwrap();
    assert_eq!(&back, b"hello");
    let traffic = proxy.traffic();
    assert_eq!((traffic.connections, traffic.accepted, traffic.up, traffic.down), (1, 1, 5, 5));
    proxy.cut();
    assert_eq!(all(&mut line).await, (vec![], None));
    proxy.stop().await;
}

#[tokio::test]
async fn a_reset_comes_after_its_bytes_and_as_often_as_configured() {
    let proxy = echo().await;
    proxy.set(ConnectionConditions {
        reset_after: Some(3),
        direction: Direction::Down,
        times: Some(1),
        ..ConnectionConditions::default()
    });
    let mut first = line(&proxy).await;
    first.write_all(b"hello").await.unwrap();
    assert_eq!(all(&mut first).await, (b"hel".to_vec(), Some(ErrorKind::ConnectionReset)));
    let mut second = line(&proxy).await;
    second.write_all(b"hello").await.unwrap();
    let mut back = [0; 5];
    timeout(PATIENCE, second.read_exact(&mut back)).await.unwrap().unwrap();
    proxy.set(ConnectionConditions { cut_after: Some(2), direction: Direction::Up, ..ConnectionConditions::default() });
    let mut third = line(&proxy).await;
    third.write_all(b"hello").await.unwrap();
    assert_eq!(all(&mut third).await.1, None, "a cut is an orderly end");
    proxy.stop().await;
}

#[tokio::test]
async fn latency_and_rate_limits_delay_bytes() {
    let proxy = echo().await;
    proxy.set(ConnectionConditions {
        latency_ms: 100,
        bytes_per_second: Some(10_000),
        ..ConnectionConditions::default()
    });
    let mut line = line(&proxy).await;
    let began = Instant::now();
    line.write_all(&[7; 2_000]).await.unwrap();
    let mut back = vec![0; 2_000];
    timeout(PATIENCE, line.read_exact(&mut back)).await.unwrap().unwrap();
    // 2,000 bytes at 10,000 a second, and a tenth of a second, each way.
    assert!(began.elapsed() >= Duration::from_millis(390), "{:?}", began.elapsed());
    proxy.stop().await;
}

#[tokio::test]
async fn silent_connections_stay_open() {
    for weather in [
        ConnectionConditions { blackhole: true, ..ConnectionConditions::default() },
        ConnectionConditions { half_open: true, ..ConnectionConditions::default() },
    ] {
        let proxy = echo().await;
        let mut line = line(&proxy).await;
        line.write_all(b"a").await.unwrap();
        let mut back = [0; 1];
        timeout(PATIENCE, line.read_exact(&mut back)).await.unwrap().unwrap();
        proxy.set(weather);
        line.write_all(b"b").await.unwrap();
        assert!(timeout(Duration::from_millis(300), line.read(&mut back)).await.is_err(), "an answer or an end came");
        proxy.reset();
        assert_eq!(all(&mut line).await.1, Some(ErrorKind::ConnectionReset));
        proxy.stop().await;
    }
}

#[tokio::test]
async fn the_proxy_is_controlled_over_http() {
    let proxy = echo().await;
    let control = proxy.control(0).await.unwrap();
    let ask = async |path: &str, body: &str| {
        let mut line = TcpStream::connect(control).await.unwrap();
        let head =
            format!("POST {path} HTTP/1.1\r\nhost: c\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        line.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        String::from_utf8(all(&mut line).await.0).unwrap()
    };
    assert!(ask("/set", r#"{"refuse":true}"#).await.contains(r#""accepted":0"#));
    let mut refused = line(&proxy).await;
    assert_eq!(all(&mut refused).await.0, b"");
    assert!(ask("/set", r#"{"wind":1}"#).await.starts_with("HTTP/1.1 400"));
    assert!(ask("/traffic", "").await.contains(r#""accepted":1"#));
    proxy.stop().await;
}
