//! The bodies of fuzz targets with a fixed number of inputs: random bytes, and good inputs with a few bytes changed.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

#[path = "../../../../fuzz/bodies/canned.rs"]
mod canned;
#[path = "../../../../fuzz/bodies/configuration.rs"]
mod configuration;
#[path = "../../../../fuzz/bodies/download_name.rs"]
mod download_name;
#[path = "../../../../fuzz/bodies/media.rs"]
mod media;
#[path = "../../../../fuzz/bodies/proxy.rs"]
mod proxy;
#[path = "../../../../fuzz/bodies/token_state.rs"]
mod token_state;
#[path = "../../../../fuzz/bodies/upgrade.rs"]
mod upgrade;

const UPGRADES: [&[u8]; 4] = [
    b"\x00HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n{\"errCode\":0}",
    b"\x02HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"errCode\":1501}\n",
    b"\x01HTTP/1.1 200 Connection established\r\n\r\n",
    b"\x05HTTP/1.1 407 Proxy Authentication Required\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n",
];
const PROXIES: [&[u8]; 5] = [
    b"\x00HTTP/1.1 200 OK\r\n\r\n",
    b"\x07HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno",
    b"\x02\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50",
    b"\x09\x05\x00\x05\x00\x00\x03\x04test\x00\x50",
    b"\x04\x05\x02\x01\x00\x05\x04\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50",
];
const NAMES: [&[u8]; 3] = [
    b"attachment; filename=\"a \\\"b\\\".pdf\"; x=y\0object/bot/c.png",
    b"..%2f..%2fetc\0%2e%2e",
    b"a;filename*=utf-8''%E6%8A%A5\0",
];
const FILES: [&[u8]; 5] = [
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06\0\0\0",
    b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x6cmoov\0\0\0\x64mvhd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x03\xe8\0\0\x07\xd0",
    b"\x1a\x45\xdf\xa3\x84\x42\x82\x84webm\x18\x53\x80\x67\xff\x15\x49\xa9\x66\x88\x44\x89\x84\x44\x9a\x00\x00",
    b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0",
    b"PK\x03\x04\x14\0\0\0\x08\0docx",
];
const STATES: [&[u8]; 3] = [
    b"{accountId}:{state.refreshToken}{{state.n}}\xff{\"bot\": {\"refreshToken\": \"r1\", \"n\": 7}, \"other\": [1, 2]}",
    b"{state.deep.er}\xff{\"deep\": {\"er\": \"{accountId}\"}, \"a\": 1, \"a\": 2}",
    b"plain\xff{\"bot\": 5}",
];
const CONFIGURATIONS: [&[u8]; 3] = [
    br#"{"token":"t","wsAddr":"ws://im.lan:10001","apiAddr":"https://im.lan/api","platformID":5,"mediaHosts":["minio.lan:9000",".cdn.lan","10.1.0.0/16"],"mediaSources":"any","proxy":"socks5://u:p@h:9"}"#,
    br#"{"mode":"http","http":{"url":"https://x/{accountId}","method":"POST","headers":{"a":"b"},"body":{"t":"{state.r}"}},"stateFile":"~/s.json"}"#,
    br#"{"tokenRefresh":{"mode":"off","manualLogin":{"markerPath":"/x/{accountId}"}},"clientCert":"a","clientKey":7,"ca":null}"#,
];

/// Random bytes, or a good input of which some bytes are changed and the end may be cut off.
fn inputs(good: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<u8>> {
    let changes = vec((any::<Index>(), any::<u8>()), 0..6);
    let changed = (0..good.len(), changes, any::<Index>(), any::<bool>()).prop_map(|(which, changes, cut, is_cut)| {
        let mut bytes = good[which].to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes
    });
    prop_oneof![1 => vec(any::<u8>(), 0..1_500), 3 => changed.boxed()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_answer_to_an_upgrade_is_taken_or_refused(data in inputs(&UPGRADES)) {
        upgrade::check(&data);
    }

    #[test]
    fn any_answer_of_a_proxy_is_a_stream_or_a_short_reason(data in inputs(&PROXIES)) {
        proxy::check(&data);
    }

    #[test]
    fn any_name_of_a_download_becomes_harmless(data in inputs(&NAMES)) {
        download_name::check(&data);
    }

    #[test]
    fn any_file_has_facts_within_its_kind_or_none(data in inputs(&FILES)) {
        media::check(&data);
    }

    #[test]
    fn any_token_template_and_state_file_is_filled_or_left_alone(data in inputs(&STATES)) {
        token_state::check(&data);
    }

    #[test]
    fn any_configuration_is_read_or_refused_without_its_token(data in inputs(&CONFIGURATIONS)) {
        configuration::check(&data);
    }
}

#[test]
fn good_inputs_of_fuzz_targets_are_taken() {
    UPGRADES.iter().for_each(|data| upgrade::check(data));
    PROXIES.iter().for_each(|data| proxy::check(data));
    NAMES.iter().for_each(|data| download_name::check(data));
    FILES.iter().for_each(|data| media::check(data));
    STATES.iter().for_each(|data| token_state::check(data));
    CONFIGURATIONS.iter().for_each(|data| configuration::check(data));
}
