//! Row F23 of the fault matrix: what happens when something goes wrong in the middle of an upload.

use std::time::Duration;

use base::Kind;
use openim_client::media::Patience;
use testkit::StorageFault;
use tokio::time::{sleep, timeout};

use crate::gate::{Gate, PART, Verdict, bytes, quick, upload};

const COMPLETE: &str = "/object/complete_multipart_upload";
const INITIATE: &str = "/object/initiate_multipart_upload";

fn status(status: u16, times: Option<u32>) -> StorageFault {
    StorageFault { method: "PUT".into(), part_number: Some(2), status: Some(status), times, ..Default::default() }
}

#[tokio::test]
async fn case_75_a_part_that_fails_is_sent_again_and_the_others_are_not() {
    let gate = Gate::open().await;
    gate.trouble(vec![status(500, Some(2))]);
    let uploaded = gate.upload(&gate.file("a.bin", PART * 3)).await.unwrap();
    assert_eq!(gate.count("PUT"), 5);
    assert_eq!(gate.fetch(&uploaded.url).await, bytes(PART * 3));
}

#[tokio::test]
async fn case_75_a_part_that_keeps_failing_ends_the_upload_with_the_reason() {
    let gate = Gate::open().await;
    gate.trouble(vec![status(503, None)]);
    let error = gate.upload(&gate.file("a.bin", PART * 3)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Server);
    assert!(error.is_retryable());
    let text = error.to_string();
    assert!(text.contains("part 2") && text.contains("4 attempts") && text.contains("HTTP 503"), "{text}");
    assert!(!text.contains("uploadId") && !text.contains('?'), "no signed address in an error: {text}");
    assert_eq!(gate.count(COMPLETE), 0);
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_of_a_part_costs_that_part_only() {
    let gate = Gate::open().await;
    let cut = StorageFault { cut_after: Some(1_000), ..status(200, Some(1)) };
    gate.trouble(vec![StorageFault { status: None, ..cut }]);
    let uploaded = gate.upload(&gate.file("a.bin", PART * 3)).await.unwrap();
    assert_eq!(gate.fetch(&uploaded.url).await, bytes(PART * 3));
    assert_eq!(gate.count("PUT"), 4);
}

#[tokio::test]
async fn an_expired_signature_is_renewed() {
    let gate = Gate::open().await;
    let path = gate.file("a.bin", PART * 3);
    gate.on_request({
        let mut renewed = false;
        move |seen| {
            renewed |= seen.path == "/object/auth_sign";
            let refused = seen.method == "PUT" && !renewed;
            if refused { Verdict::Answer(403, "<Error><Code>ExpiredToken</Code></Error>") } else { Verdict::Pass }
        }
    });
    let uploaded = gate.upload(&path).await.unwrap();
    assert_eq!(gate.fetch(&uploaded.url).await, bytes(PART * 3));
    assert!(gate.count("/object/auth_sign") >= 1);
}

#[tokio::test]
async fn signatures_that_are_always_refused_say_to_compare_the_clocks() {
    let gate = Gate::open().await;
    gate.on_request(|seen| {
        let body = "<Error><Code>RequestTimeTooSkewed</Code><Message>secret words</Message></Error>";
        if seen.method == "PUT" { Verdict::Answer(403, body) } else { Verdict::Pass }
    });
    let error = gate.upload(&gate.file("a.bin", PART * 2)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Upload);
    let text = error.to_string();
    assert!(text.contains("RequestTimeTooSkewed") && text.contains("clocks"), "{text}");
    assert!(!text.contains("secret words"), "{text}");
    assert!(gate.count("PUT") <= 8, "{}", gate.count("PUT"));
}

#[tokio::test]
async fn a_file_of_one_part_whose_signature_is_refused_is_begun_anew() {
    let gate = Gate::open().await;
    let mut first = true;
    gate.on_request(move |seen| {
        if seen.method == "PUT" && std::mem::take(&mut first) { Verdict::Answer(403, "") } else { Verdict::Pass }
    });
    let uploaded = gate.upload(&gate.file("a.bin", 10)).await.unwrap();
    assert_eq!(gate.fetch(&uploaded.url).await, bytes(10));
    assert_eq!((gate.count(INITIATE), gate.count("/object/auth_sign")), (2, 0));
}

#[tokio::test]
async fn an_upload_that_the_storage_has_forgotten_is_begun_anew_once() {
    let gate = Gate::open().await;
    let mut left = 1;
    gate.on_request(move |seen| {
        if seen.method == "PUT" && left > 0 {
            left -= 1;
            return Verdict::Answer(404, "<Error><Code>NoSuchUpload</Code></Error>");
        }
        Verdict::Pass
    });
    let uploaded = gate.upload(&gate.file("a.bin", PART * 2)).await.unwrap();
    assert_eq!(gate.fetch(&uploaded.url).await, bytes(PART * 2));
    gate.on_request(|seen| if seen.method == "PUT" { Verdict::Answer(404, "") } else { Verdict::Pass });
    let error = gate.upload(&gate.file("b.bin", PART * 3)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Upload);
    assert_eq!(gate.count(INITIATE), 4, "two each");
}

#[tokio::test]
async fn a_lost_answer_to_the_end_of_an_upload_is_found_out_about() {
    let gate = Gate::open().await;
    gate.on_request(|seen| if seen.path == COMPLETE { Verdict::LoseAnswer } else { Verdict::Pass });
    let uploaded = gate.upload(&gate.file("a.bin", PART * 2)).await.unwrap();
    assert!(uploaded.instant, "the second question finds the content there");
    assert_eq!((gate.count("PUT"), gate.count(COMPLETE)), (2, 1));
    assert_eq!(gate.fetch(&uploaded.url).await, bytes(PART * 2));
}

#[tokio::test]
async fn a_refused_end_of_an_upload_is_the_servers_error() {
    let gate = Gate::open().await;
    gate.on_request(|seen| match seen.path.as_str() {
        COMPLETE => Verdict::Answer(200, r#"{"errCode":1002,"errMsg":"NoPermissionError","errDlt":""}"#),
        _ => Verdict::Pass,
    });
    let error = gate.upload(&gate.file("a.bin", PART * 2)).await.unwrap_err();
    assert_eq!((error.kind(), error.err_code()), (Kind::Denied, Some(1002)));
    assert_eq!(gate.count(COMPLETE), 1);
}

#[tokio::test]
async fn a_storage_that_cannot_be_reached_is_named() {
    let gate = Gate::open().await;
    // A port that was free a moment ago, and that nobody listens on.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let answer = format!(
        r#"{{"errCode":0,"errMsg":"","errDlt":"","data":{{"url":"","upload":{{"uploadID":"u","partSize":{PART},"sign":{{"url":"http://{gone}/bucket","parts":[{{"partNumber":1}}]}}}}}}}}"#
    );
    let answer: &'static str = answer.leak();
    gate.on_request(move |seen| if seen.path == INITIATE { Verdict::Answer(200, answer) } else { Verdict::Pass });
    let error = gate.upload(&gate.file("a.bin", 10)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Offline);
    assert!(error.is_retryable() && error.to_string().contains(&format!("http://{gone}")), "{error}");
}

#[tokio::test]
async fn a_storage_on_a_forbidden_address_is_refused_with_the_remedy() {
    let gate = Gate::open().await;
    let network = openim_client::Network::new(&net::Settings::default()).unwrap();
    let path = gate.file("a.bin", 10);
    let error = gate.uploader_by(network, quick()).upload(upload(&path)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Upload);
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("127.0.0.1") && error.to_string().contains("mediaHosts"), "{error}");
    assert_eq!(gate.count("PUT"), 0);
}

#[tokio::test]
async fn a_storage_that_takes_nothing_is_given_up() {
    let gate = Gate::open().await;
    gate.trouble(vec![StorageFault { delay_ms: 60_000, status: None, ..status(200, None) }]);
    let patience = Patience { stall: Duration::from_millis(100), ..quick() };
    let path = gate.file("a.bin", PART * 3);
    let error = timeout(Duration::from_secs(20), gate.uploader(patience).upload(upload(&path))).await.unwrap();
    let error = error.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(error.to_string().contains("took nothing for 0.1 s"), "{error}");
}

#[tokio::test]
async fn an_upload_that_is_dropped_leaves_no_part_on_its_way() {
    let gate = Gate::open().await;
    gate.trouble(vec![StorageFault { delay_ms: 60_000, ..Default::default() }]);
    let path = gate.file("a.bin", PART * 6);
    let uploader = gate.uploader(Patience::default());
    let task = tokio::spawn(async move { uploader.upload(upload(&path)).await });
    until(|| gate.puts_now() == 3).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    until(|| gate.puts_now() == 0).await;
    assert_eq!(gate.count(COMPLETE), 0);
}

#[tokio::test]
async fn a_rejected_token_ends_the_upload_with_the_servers_code() {
    let gate = Gate::open().await;
    gate.on_request(|seen| match seen.path.as_str() {
        INITIATE => Verdict::Answer(200, r#"{"errCode":1501,"errMsg":"TokenExpiredError","errDlt":""}"#),
        _ => Verdict::Pass,
    });
    let error = gate.upload(&gate.file("a.bin", 10)).await.unwrap_err();
    assert_eq!((error.kind(), error.err_code()), (Kind::TokenExpired, Some(1501)));
}

#[tokio::test]
async fn sizes_that_make_no_sense_are_the_servers_mistake() {
    for size in ["0", "1"] {
        let gate = Gate::open().await;
        let answer = format!(r#"{{"errCode":0,"errMsg":"","errDlt":"","data":{{"size":{size}}}}}"#);
        let answer: &'static str = answer.leak();
        gate.on_request(
            move |seen| {
                if seen.path == "/object/part_size" { Verdict::Answer(200, answer) } else { Verdict::Pass }
            },
        );
        let error = gate.upload(&gate.file("a.bin", 20_000)).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Protocol);
    }
}

/// Waits, a bounded time, until something that tells nobody has become true.
async fn until(is: impl Fn() -> bool) {
    timeout(Duration::from_secs(20), async {
        while !is() {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("has not become true");
}
