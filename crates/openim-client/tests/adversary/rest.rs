//! A REST API that lies: redirects without end, answers without end, bombs, rubbish. Over real sockets.

use std::sync::Arc;
use std::time::Duration;

use base::{Kind, Redacted};
use net::Settings;
use openim_client::rest::{Api, FixedToken, users};
use openim_client::{Login, Network, OpenIm};
use serde_json::json;
use testkit::{Config, Rule, SeededChance, Server, SystemChance, SystemClock};
use tokio::time::{Instant, timeout};

const PATH: &str = "/user/get_users_info";

async fn api() -> (Server, Api) {
    let server = Server::new(Config::demo(), Arc::new(SystemClock), Arc::new(SystemChance)).unwrap();
    let addresses = server.listen().await.unwrap();
    let token = server.token("bot_7", 5);
    let raw = json!({ "token": token, "wsAddr": addresses.ws, "apiAddr": addresses.api });
    let login = Login::read("bot_7", raw.as_object().unwrap()).unwrap();
    let settings = Settings { proxy: Some(String::from("direct").into()), ..Settings::default() };
    let network = Network::new(&settings).unwrap();
    let client = OpenIm::new("bot_7".into(), login, network, Arc::new(SeededChance::new(1)));
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
        ("redirects without end", Rule { redirect: true, ..Rule::path(PATH) }),
        ("a gigabyte", Rule { bytes: Some(1_000_000_000), ..Rule::path(PATH) }),
        ("a bomb", Rule { bytes: Some(200_000_000), gzip: true, ..Rule::path(PATH) }),
        ("a page", Rule { body: Some("<html>".into()), ..Rule::path(PATH) }),
        ("an array", Rule { body: Some(json!([1, 2])), ..Rule::path(PATH) }),
        ("depth", Rule { body: Some("[".repeat(100_000).into()), ..Rule::path(PATH) }),
        ("a number too large", Rule { body: Some(json!({ "errCode": 1e300 })), ..Rule::path(PATH) }),
        ("no code", Rule { body: Some(json!({ "data": {} })), ..Rule::path(PATH) }),
        ("wrong types", Rule { body: Some(json!({ "errCode": 0, "data": { "usersInfo": 7 } })), ..Rule::path(PATH) }),
        ("silence", Rule { cut: true, ..Rule::path(PATH) }),
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
