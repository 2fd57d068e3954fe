//! The answers of a proxy of each kind: a stream, or an error in one short line without the proxy's password.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use net::{BoxFuture, Dialer, Network, Resolver, Settings, Stream};

use super::canned::{Canned, run};

const PROXIES: [&str; 6] = [
    "http://proxy.test:3128",
    "http://bot:s3cret@proxy.test:3128",
    "socks5://proxy.test",
    "socks5h://proxy.test",
    "socks5://bot:s3cret@proxy.test",
    "socks5h://bot:s3cret@proxy.test",
];

/// Leads everywhere to one peer.
struct Everywhere {
    answer: Vec<u8>,
    piece: usize,
}

impl Dialer for Everywhere {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async { Ok(Box::new(Canned::new(&self.answer, self.piece)) as Box<dyn Stream>) })
    }
}

impl Resolver for Everywhere {
    fn resolve<'a>(&'a self, _host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async { Ok(vec![IpAddr::from([93, 184, 216, 34])]) })
    }
}

pub(crate) fn check(data: &[u8]) {
    let Some((first, answer)) = data.split_first() else { return };
    let proxy = PROXIES[usize::from(*first) % PROXIES.len()];
    let settings = Settings { proxy: Some(proxy.to_owned().into()), ..Settings::default() };
    let peer = Arc::new(Everywhere { answer: answer.to_vec(), piece: usize::from(*first) });
    let network = Network::with(&settings, peer.clone(), peer, &|_| None).expect("a proxy's address");
    let url = "ws://im.example.test:10001/".parse().expect("an address");
    if let Err(error) = run(network.open(&url)) {
        let reason = net::reason(&error);
        assert!(!reason.contains("s3cret") && reason.len() < 300 && !reason.contains('\n'), "{reason}");
    }
}
