//! Whatever the socket brings, in any order: the session says what it is, bounded, and never panics.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use openim_core::session::{Input, Output, Session};

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let mut session = Session::new("bot_7", "nonce".into(), first & 1 == 1, Duration::ZERO);
    let mut now = Duration::ZERO;
    let mut asked = 0;
    // Frames are separated by a byte that occurs in no JSON.
    for frame in rest.split(|byte| *byte == 0xff).take(32) {
        now += Duration::from_millis(700);
        match frame.split_first() {
            Some((b't', text)) => session.feed(Input::Text(&String::from_utf8_lossy(text)), now),
            Some((b'a', _)) => {
                asked += 1;
                let _ = session.ask(1003, String::new(), asked, now);
            }
            _ => session.feed(Input::Binary(frame), now),
        }
        session.feed(Input::Tick, now);
    }
    session.disconnected();
    let mut answers = 0;
    while let Some(output) = session.poll() {
        answers += u64::from(matches!(output, Output::Answer { .. }));
    }
    assert_eq!(answers, asked, "every request is settled exactly once");
});
