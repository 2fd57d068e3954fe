//! A REST API that lies: redirects without end, answers without end, bombs, rubbish. Over real sockets.

use std::sync::Arc;
use std::time::Duration;

use base::{Kind, Redacted};
use net::Settings;
use openim_client::rest::{Api, FixedToken, users};
use openim_client::{Login, Network, OpenIm};
use serde_json::json;
use testkit::{Config, FaultRule, SeededRandom, Server, SystemClock, SystemRandom};
use tokio::time::{Instant, timeout};

const PATH: &str = "/user/get_users_info";

async fn api() -> (Server, Api) {
    let server = Server::new(Config::demo(), Arc::new(SystemClock), Arc::new(SystemRandom)).unwrap();
    let addresses = server.listen().await.unwrap();
    let token = server.token("bot_7", 5);
    let raw = json!({ "token": token, "wsAddr": addresses.ws, "apiAddr": addresses.api });
    let login = Login::read("bot_7", raw.as_object().unwrap()).unwrap();
    let settings = Settings { proxy: Some(String::from("direct").into()), ..Settings::default() };
    let network = Network::new(&settings).unwrap();
    let client = OpenIm::new("bot_7".into(), login, network, Arc::new(SeededRandom::new(1)));
    let api = client.api(Arc::new(FixedToken(Redacted::new(token)))).unwrap();
    (server, api)
}

async fn ask(api: &Api) -> base::Result<usize> {
    let ids = ["alice".to_owned()];
    let asked = users::get_users_info(api, &ids);
    timeout(Duration::from_secs(60), asked).await.expect("no end").map(|infos| infos.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lying_api_ends_in_a_named_error_and_bounded_work() {
    let (server, api) = api().await;
    assert_eq!(ask(&api).await.unwrap(), 1);
    let lies = [
        ("redirects without end", FaultRule { redirect: true, ..FaultRule::path(PATH) }),
        ("a gigabyte", FaultRule { bytes: Some(1_000_000_000), ..FaultRule::path(PATH) }),
        ("a bomb", FaultRule { bytes: Some(200_000_000), gzip: true, ..FaultRule::path(PATH) }),
        ("a page", FaultRule { body: Some("<html>".into()), ..FaultRule::path(PATH) }),
        ("an array", FaultRule { body: Some(json!([1, 2])), ..FaultRule::path(PATH) }),
        ("depth", FaultRule { body: Some("[".repeat(100_000).into()), ..FaultRule::path(PATH) }),
        ("a number too large", FaultRule { body: Some(json!({ "errCode": 1e300 })), ..FaultRule::path(PATH) }),
        ("no code", FaultRule { body: Some(json!({ "data": {} })), ..FaultRule::path(PATH) }),
        (
            "wrong types",
            FaultRule { body: Some(json!({ "errCode": 0, "data": { "usersInfo": 7 } })), ..FaultRule::path(PATH) },
        ),
        ("silence", FaultRule { cut: true, ..FaultRule::path(PATH) }),
    ];
    for (what, rule) in lies {
        server.set_rules(vec![rule]);
        let began = Instant::now();
        let error = ask(&api).await.expect_err(what);
        assert!(!error.to_string().is_empty() && error.to_string().len() < 600, "{what}: {error}");
        assert!(began.elapsed() < Duration::from_secs(35), "{what}: {:?}", began.elapsed());
        assert!(!matches!(error.kind(), Kind::TokenInvalid | Kind::TokenExpired | Kind::Kicked), "{what}: {error:?}");
    }
    server.set_rules(vec![]);
    assert_eq!(ask(&api).await.unwrap(), 1, "the next honest answer counts");
    server.shutdown().await;
}
