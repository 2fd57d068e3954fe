//! An HTTP server on loopback that answers from a list and keeps what it was asked, byte for byte.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

#[derive(Clone)]
pub(crate) enum Answer {
    Text(String),
    /// The connection ends without a word.
    Drop,
    Hang,
    /// A body without an end.
    Endless,
}

pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Answer {
    let length = body.len();
    Answer::Text(format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"))
}

pub(crate) fn json_answer(body: &Value) -> Answer {
    answer(200, "content-type: application/json\r\n", &body.to_string())
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    serving: JoinHandle<()>,
}

impl Endpoint {
    /// The last answer is given again and again.
    pub(crate) async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let seen = requests.clone();
        let serving = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (seen, answers) = (seen.clone(), answers.clone());
                tokio::spawn(async move {
                    let _ = serve(stream, &seen, &answers).await;
                });
            }
        });
        Self { address, requests, serving }
    }

    pub(crate) fn request(&self, n: usize) -> Request {
        self.requests.lock()[n].clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.requests.lock().len()
    }

    /// Nothing listens any more.
    pub(crate) async fn close(self) {
        self.serving.abort();
        let _ = self.serving.await;
    }
}

async fn serve(mut stream: TcpStream, seen: &Mutex<Vec<Request>>, answers: &[Answer]) -> std::io::Result<()> {
    let request = read(&mut stream).await?;
    let number = {
        let mut seen = seen.lock();
        seen.push(request);
        seen.len() - 1
    };
    match answers.get(number).or(answers.last()) {
        Some(Answer::Text(text)) => stream.write_all(text.as_bytes()).await,
        Some(Answer::Drop) | None => Ok(()),
        Some(Answer::Hang) => std::future::pending().await,
        Some(Answer::Endless) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
            loop {
                stream.write_all(format!("4000\r\n{}\r\n", "x".repeat(0x4000)).as_bytes()).await?;
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> std::io::Result<Request> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.split("\r\n");
    let line = lines.next().unwrap_or_default().to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
    while bytes.len() < head + 4 + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            break;
        }
    }
    Ok(Request { line, headers, body: String::from_utf8_lossy(&bytes[head + 4..]).into_owned() })
}
