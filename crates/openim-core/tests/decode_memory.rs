//! The memory that the worst frame of a hostile server takes. A test of its own, because it measures the whole process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and shows what it measured")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openim_core::limits::FRAME_IN_MAX;
use openim_core::session::{Input, Output, Session};
use openim_core::wire::compress;

/// A line of `/proc/self/status`, in MiB.
fn mebibytes(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
}

/// A push of as many empty messages as a frame holds, packed.
fn worst_frame() -> Vec<u8> {
    let messages = [0x0a, 0x00].repeat(FRAME_IN_MAX / 2 * 3 / 4 - 1_000);
    let mut entry = vec![0x0a, 0x01, b'c', 0x12];
    prost::encoding::encode_varint(messages.len() as u64, &mut entry);
    entry.extend(messages);
    let mut push = vec![0x0a];
    prost::encoding::encode_varint(entry.len() as u64, &mut push);
    push.extend(entry);
    let data = STANDARD.encode(push);
    let plain = format!("{{\"reqIdentifier\":2001,\"msgIncr\":\"\",\"data\":\"{data}\"}}");
    assert!(plain.len() <= FRAME_IN_MAX && plain.len() > FRAME_IN_MAX - 10_000);
    compress::gzip(plain.as_bytes())
}

#[test]
fn the_worst_frame_takes_less_than_a_hundred_mebibytes() {
    let frame = worst_frame();
    let mut session = Session::new("bot_7", "n".into(), true, std::time::Duration::ZERO);
    // What building the frame took does not count.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = mebibytes("VmRSS");
    session.feed(Input::Binary(&frame), std::time::Duration::ZERO);
    let peak = mebibytes("VmHWM") - before;
    println!("{} bytes of gzip: {peak} MiB at the peak", frame.len());
    assert!(matches!(session.poll(), Some(Output::Skipped(_))));
    assert!(peak < 100, "{peak} MiB");
}
