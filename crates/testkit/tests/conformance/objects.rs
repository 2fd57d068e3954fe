//! Object storage: uploads in parts through signed URLs, names, reading, and faults.

use std::time::Duration;

use md5::{Digest as _, Md5};
use serde_json::{Value, json};
use testkit::{Server, StorageFault, StorageFaults};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::support::{PATIENCE, code, data, server_with};

const PART: usize = 1000;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn md5(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

fn md5s(file: &[u8]) -> Vec<String> {
    file.chunks(PART).map(md5).collect()
}

fn hash(file: &[u8]) -> String {
    md5(md5s(file).join(",").as_bytes())
}

fn small_parts() -> Server {
    server_with(|config| config.min_part_size = PART as u64)
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

/// One exchange that may answer anything; none where the connection ends before the answer is whole.
async fn http(server: &Server, method: &str, url: &str, headers: &[(String, String)], body: &[u8]) -> Option<Answer> {
    let path = url.strip_prefix("http://server").unwrap_or(url);
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: server\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if method != "GET" && method != "HEAD" {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    let mut stream = server.open();
    stream.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
    // A server that drops the connection meanwhile is seen by the reader.
    let _ = stream.write_all(body).await;
    let mut seen = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut seen)).await.expect("no end");
    let end = seen.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&seen[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length: Option<usize> =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|value| value.parse().ok());
    let body = seen[end + 4..].to_vec();
    (method == "HEAD" || length.is_none_or(|length| body.len() == length)).then_some(Answer { status, head, body })
}

fn header(answer: &Answer, name: &str) -> String {
    let line = answer.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_default().to_owned()
}

async fn initiate(server: &Server, token: &str, name: &str, file: &[u8]) -> Value {
    let body = json!({
        "hash": hash(file), "size": file.len(), "partSize": PART, "maxParts": -1, "cause": "", "name": name,
        "contentType": "text/plain",
    });
    data(server, token, "/object/initiate_multipart_upload", &body).await
}

fn pairs(list: &Value) -> Vec<(String, String)> {
    let pair = |kv: &Value| (kv["key"].as_str().unwrap().to_owned(), kv["values"][0].as_str().unwrap().to_owned());
    list.as_array().into_iter().flatten().map(pair).collect()
}

/// The request for one part, put together as clients do.
fn signed(sign: &Value, part: &Value) -> (String, Vec<(String, String)>) {
    let own = part["url"].as_str().unwrap();
    let mut url = if own.is_empty() { sign["url"].as_str().unwrap() } else { own }.to_owned();
    for (name, value) in pairs(&sign["query"]).into_iter().chain(pairs(&part["query"])) {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&format!("{name}={value}"));
    }
    (url, pairs(&sign["header"]).into_iter().chain(pairs(&part["header"])).collect())
}

async fn put_all(server: &Server, upload: &Value, file: &[u8]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for (part, bytes) in upload["sign"]["parts"].as_array().unwrap().iter().zip(file.chunks(PART)) {
        let (url, headers) = signed(&upload["sign"], part);
        statuses.push(http(server, "PUT", &url, &headers, bytes).await.map_or(0, |answer| answer.status));
    }
    statuses
}

fn finish(upload: &Value, name: &str, file: &[u8]) -> Value {
    json!({
        "uploadID": upload["uploadID"], "parts": md5s(file), "cause": "", "name": name, "contentType": "text/plain",
    })
}

#[tokio::test(start_paused = true)]
async fn case_76_a_file_is_uploaded_in_parts_and_downloaded() {
    let server = small_parts();
    let token = server.issue_token("alice", 5);
    let file: Vec<u8> = (0..2_500u32).map(|n| (n % 251) as u8).collect();
    let limits = data(&server, &token, "/object/part_limit", &json!({})).await;
    assert_eq!(limits, json!({ "minPartSize": PART, "maxPartSize": 5_368_709_120u64, "maxNumSize": 10_000 }));
    assert_eq!(data(&server, &token, "/object/part_size", &json!({ "size": 2_500 })).await["size"], PART);

    let begun = initiate(&server, &token, "alice/a b.txt", &file).await;
    let upload = &begun["upload"];
    assert_eq!((begun["url"].as_str(), upload["sign"]["parts"].as_array().unwrap().len()), (Some(""), 3));
    assert_eq!(put_all(&server, upload, &file).await, [200, 200, 200]);
    let mut wrong = finish(upload, "alice/a b.txt", &file);
    wrong["parts"][1] = md5(b"else").into();
    assert_ne!(code(&server, &token, "/object/complete_multipart_upload", &wrong).await, 0);
    let done = finish(upload, "alice/a b.txt", &file);
    let url = data(&server, &token, "/object/complete_multipart_upload", &done).await;
    assert_eq!(url["url"], "http://server/object/alice/a b.txt");

    let moved = http(&server, "GET", "/object/alice/a%20b.txt?type=image&width=640", &[], b"").await.unwrap();
    assert_eq!(moved.status, 302);
    let there = header(&moved, "location");
    let whole = http(&server, "GET", &there, &[], b"").await.unwrap();
    assert_eq!((whole.status, whole.body == file, header(&whole, "content-type")), (200, true, "text/plain".into()));
    let range = [("range".to_owned(), "bytes=998-1001".to_owned())];
    let piece = http(&server, "GET", &there, &range, b"").await.unwrap();
    assert_eq!((piece.status, piece.body.as_slice()), (206, &file[998..1002]), "a range over the seam of two parts");
    assert_eq!(header(&piece, "content-range"), "bytes 998-1001/2500");
    let head = http(&server, "HEAD", &there, &[], b"").await.unwrap();
    assert_eq!((head.status, header(&head, "content-length"), head.body.len()), (200, "2500".into(), 0));
    let outside = [("range".to_owned(), "bytes=2500-".to_owned())];
    assert_eq!(http(&server, "GET", &there, &outside, b"").await.unwrap().status, 416);
    let forged = http(&server, "GET", &there.replace("signature=", "signature=0"), &[], b"").await.unwrap();
    assert_eq!(forged.status, 403);
    assert_eq!(http(&server, "GET", "/object/alice/none", &[], b"").await.unwrap().status, 404);
}

#[tokio::test(start_paused = true)]
async fn case_74_only_new_contents_are_uploaded_small_ones_to_one_url() {
    let server = small_parts();
    let token = server.issue_token("alice", 5);
    let begun = initiate(&server, &token, "alice/one.txt", b"hello").await;
    let part = &begun["upload"]["sign"]["parts"][0];
    assert_eq!((&part["query"], &part["header"]), (&Value::Null, &Value::Null));
    assert_eq!(put_all(&server, &begun["upload"], b"hello").await, [200]);
    let upload = &begun["upload"];
    data(&server, &token, "/object/complete_multipart_upload", &finish(upload, "alice/one.txt", b"hello")).await;

    let bob = server.issue_token("bob", 5);
    let again = initiate(&server, &bob, "bob/two.txt", b"hello").await;
    assert_eq!(again, json!({ "url": "http://server/object/bob/two.txt", "upload": null }));
    let access = data(&server, &bob, "/object/access_url", &json!({ "name": "bob/two.txt", "query": {} })).await;
    let read = http(&server, "GET", access["url"].as_str().unwrap(), &[], b"").await.unwrap();
    assert_eq!(read.body, b"hello");
    let gone = json!({ "name": "bob/three.txt" });
    assert_eq!(code(&server, &bob, "/object/access_url", &gone).await, 1004);
}

#[tokio::test(start_paused = true)]
async fn names_sizes_and_hashes_are_checked() {
    let server = small_parts();
    let token = server.issue_token("alice", 5);
    let file = vec![7; 2_500];
    let good = json!({ "hash": hash(&file), "size": 2_500, "maxParts": -1, "name": "alice/x", "contentType": "" });
    for (member, value, expected) in [
        ("name", json!("bob/x"), 1002),
        ("name", json!("alicex"), 1002),
        ("name", json!("/alice/x"), 1001),
        ("name", json!(""), 1001),
        ("name", json!(format!("alice/{}", "x".repeat(1024))), 1001),
        ("size", json!(0), 500),
        ("size", json!(-1), 500),
        ("hash", json!("no md5"), 500),
        ("maxParts", json!(4), 500),
    ] {
        let mut asked = good.clone();
        asked[member] = value.clone();
        let code = code(&server, &token, "/object/initiate_multipart_upload", &asked).await;
        assert_eq!(code, expected, "{member} {value:.20}");
    }
    assert_eq!(code(&server, &token, "/object/part_size", &json!({ "size": 0 })).await, 500);
}

#[tokio::test(start_paused = true)]
async fn only_the_owner_gets_signatures_for_later_parts() {
    let server = small_parts();
    let token = server.issue_token("alice", 5);
    let file = vec![9; 2_500];
    let asked = json!({ "hash": hash(&file), "size": 2_500, "maxParts": 0, "name": "alice/x", "contentType": "" });
    let mut begun = data(&server, &token, "/object/initiate_multipart_upload", &asked).await;
    assert_eq!(begun["upload"]["sign"]["parts"], json!([]));
    let wanted = json!({ "uploadID": begun["upload"]["uploadID"], "partNumbers": [1, 2, 3] });
    let bob = server.issue_token("bob", 5);
    assert_eq!(code(&server, &bob, "/object/auth_sign", &wanted).await, 1002);
    begun["upload"]["sign"] = data(&server, &token, "/object/auth_sign", &wanted).await;
    assert_eq!(put_all(&server, &begun["upload"], &file).await, [200, 200, 200]);
    data(&server, &token, "/object/complete_multipart_upload", &finish(&begun["upload"], "alice/x", &file)).await;
    let beyond = json!({ "uploadID": begun["upload"]["uploadID"], "partNumbers": [4] });
    assert_ne!(code(&server, &token, "/object/auth_sign", &beyond).await, 0);
}

#[tokio::test(start_paused = true)]
async fn the_final_url_begins_with_the_clients_api_address() {
    let server = small_parts();
    let token = server.issue_token("alice", 5);
    let asked =
        json!({ "name": "alice/f", "size": 5, "contentType": "text/plain", "hash": hash(b"hello"), "maxParts": -1 });
    let headers = [("token", token.as_str()), ("operationID", "o"), ("x-request-api", "https://chat.example/api/")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let begun = http(&server, "POST", "/object/initiate_multipart_upload", &headers, asked.to_string().as_bytes())
        .await
        .unwrap();
    let begun: Value = serde_json::from_slice(&begun.body).unwrap();
    let url = begun["data"]["upload"]["sign"]["parts"][0]["url"].as_str().unwrap();
    assert!(url.starts_with("https://chat.example/api/storage/parts/"), "{url}");
}

#[tokio::test(start_paused = true)]
async fn a_form_uploads_a_file_in_one_request() {
    let server = small_parts();
    let token = server.issue_token("alice", 5);
    let asked = json!({ "name": "alice/f.txt", "size": 5, "contentType": "text/plain" });
    let form = data(&server, &token, "/object/initiate_form_data", &asked).await;
    let id = json!({ "id": form["id"] });
    assert_eq!(code(&server, &token, "/object/complete_form_data", &id).await, 500, "nothing is there yet");
    let body = b"--xx\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nhello\r\n--xx--\r\n";
    let kind = [("content-type".to_owned(), "multipart/form-data; boundary=xx".to_owned())];
    let sent = http(&server, "POST", form["url"].as_str().unwrap(), &kind, body).await.unwrap();
    assert_eq!(sent.status, 200);
    let done = data(&server, &token, "/object/complete_form_data", &id).await;
    assert_eq!(done["url"], "http://server/object/alice/f.txt");
    assert_eq!(http(&server, "GET", "/object/alice/f.txt", &[], b"").await.unwrap().status, 302);
}

#[tokio::test(start_paused = true)]
async fn the_storage_follows_its_faults() {
    let server = small_parts();
    let token = server.issue_token("alice", 5);
    let file = vec![3; 2_500];
    let begun = initiate(&server, &token, "alice/x", &file).await;
    let upload = &begun["upload"];
    let failure = |failure: StorageFault| StorageFaults { failures: vec![failure], ..StorageFaults::default() };
    let second = StorageFault { method: "PUT".into(), part_number: Some(2), times: Some(1), ..StorageFault::default() };
    server.set_storage_faults(failure(StorageFault { status: Some(500), ..second.clone() }));
    assert_eq!(put_all(&server, upload, &file).await, [200, 500, 200]);
    assert_ne!(code(&server, &token, "/object/complete_multipart_upload", &finish(upload, "alice/x", &file)).await, 0);
    server.set_storage_faults(failure(StorageFault { cut_after: Some(10), ..second.clone() }));
    assert_eq!(put_all(&server, upload, &file).await, [200, 0, 200]);
    server.set_storage_faults(failure(StorageFault { bytes_per_second: Some(100), ..second }));
    let began = tokio::time::Instant::now();
    assert_eq!(put_all(&server, upload, &file).await, [200, 200, 200]);
    assert_eq!(began.elapsed(), Duration::from_secs(10), "1,000 bytes at 100 a second");
    server.set_storage_faults(StorageFaults { down: true, ..StorageFaults::default() });
    assert_eq!(put_all(&server, upload, &file).await, [503, 503, 503]);

    server.set_storage_faults(StorageFaults::default());
    data(&server, &token, "/object/complete_multipart_upload", &finish(upload, "alice/x", &file)).await;
    let there = header(&http(&server, "GET", "/object/alice/x", &[], b"").await.unwrap(), "location");
    let get = StorageFault { method: "GET".into(), cut_after: Some(1_500), ..StorageFault::default() };
    server.set_storage_faults(failure(get));
    assert!(http(&server, "GET", &there, &[], b"").await.is_none(), "the answer ends in its middle");
}

#[tokio::test]
async fn signatures_expire() {
    let server = small_parts();
    let token = server.issue_token("alice", 5);
    server.set_storage_faults(StorageFaults { signature_ms: Some(0), ..StorageFaults::default() });
    let begun = initiate(&server, &token, "alice/x", b"hello").await;
    assert_eq!(put_all(&server, &begun["upload"], b"hello").await, [403]);
    server.set_storage_faults(StorageFaults::default());
    let begun = initiate(&server, &token, "alice/x", b"hello").await;
    assert_eq!(put_all(&server, &begun["upload"], b"hello").await, [200]);
}
