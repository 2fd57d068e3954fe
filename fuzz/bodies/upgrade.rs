//! The answer of a server to a websocket upgrade, or of a proxy to `CONNECT`: the stream, or a refusal within bounds.

use hyper::{Method, Request};
use net::{HttpUpgrade, http_upgrade};

use super::canned::{Canned, run};

const BODY_MAX: usize = 1_000;

pub(crate) fn check(data: &[u8]) {
    let Some((first, answer)) = data.split_first() else { return };
    let (method, target) =
        if first & 1 == 0 { (Method::GET, "/?token=s3cret") } else { (Method::CONNECT, "im.example.test:443") };
    let request = Request::builder().method(method).uri(target).header("host", "im.example.test").body(());
    let stream = Box::new(Canned::new(answer, usize::from(*first)));
    match run(http_upgrade(stream, request.expect("a plain request"), BODY_MAX)) {
        Ok(HttpUpgrade::Accepted(accepted)) => assert!(accepted.read_ahead.len() <= answer.len()),
        Ok(HttpUpgrade::Refused { status, body }) => {
            assert!((100..1_000).contains(&status) && body.len() <= BODY_MAX);
        }
        Err(error) => {
            let reason = net::reason(&error);
            assert!(!reason.contains("s3cret") && reason.len() < 300, "{reason}");
        }
    }
}
