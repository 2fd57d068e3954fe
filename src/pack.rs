//! A batch as few values: all strings in one text, all numbers and string lengths in one list, long texts on their own.
//!
//! Pure. `js/unpack.js` is its other half and reads in exactly this order; [`MESSAGE_STRINGS`] and the two functions
//! `numbers` below are the format. The price of a crossing is the number of values that cross, not their bytes.

use channel::{Batch, Chat, Delivery, Event, Inbound};

use crate::event;
use crate::limits::LONG_TEXT;

/// A string as V8 takes it without looking at it twice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// ASCII only, one byte a character.
    Latin1(Vec<u8>),
    Utf16(Vec<u16>),
}

impl Text {
    pub(crate) fn new(text: String) -> Self {
        if text.is_ascii() { Self::Latin1(text.into_bytes()) } else { Self::Utf16(text.encode_utf16().collect()) }
    }
}

/// What crosses for one batch.
#[derive(Debug, PartialEq)]
pub(crate) struct Packed {
    pub(crate) numbers: Vec<f64>,
    pub(crate) text: Text,
    pub(crate) longs: Vec<Text>,
}

/// Strings of a message before its mentions, in order.
const MESSAGE_STRINGS: usize = 13;
/// A length in `numbers` that stands for "the next of `longs`".
const LONG: f64 = -1.0;

const FLAG_READ: u32 = 1;
const FLAG_AT_SELF: u32 = 2;
const FLAG_REDELIVERED: u32 = 4;
const FLAG_OFFLINE: u32 = 8;

/// Packs a batch: counts first, then messages, events and log lines.
pub(crate) fn pack(batch: &Batch) -> Packed {
    let mut packer = Packer::default();
    for count in [batch.messages.len(), batch.events.len(), batch.notes.len()] {
        packer.count(count);
    }
    for delivery in &batch.messages {
        packer.message(delivery);
    }
    for event in &batch.events {
        packer.event(event);
    }
    for note in &batch.notes {
        packer.string(note);
    }
    packer.finish()
}

/// `sessionType` on OpenIM's wire.
pub(crate) const fn session_type(chat: Chat) -> i32 {
    match chat {
        Chat::Direct => 1,
        Chat::Group => 3,
        Chat::Notice => 4,
    }
}

#[derive(Default)]
struct Packer {
    numbers: Vec<f64>,
    text: String,
    longs: Vec<Text>,
}

impl Packer {
    fn message(&mut self, delivery: &Delivery) {
        let message = &*delivery.message;
        self.numbers.extend(message_numbers(delivery));
        for string in message_strings(message) {
            self.string(string);
        }
        self.count(message.mentions.len());
        for id in &message.mentions {
            self.string(id);
        }
    }

    fn event(&mut self, event: &Event) {
        let event = event::describe(event);
        self.numbers.push(f64::from(event.err_code));
        self.string(event.name);
        self.string(&event.err_msg);
        self.string(&event.data);
    }

    fn string(&mut self, string: &str) {
        if string.len() > LONG_TEXT {
            self.numbers.push(LONG);
            self.longs.push(Text::new(string.to_owned()));
            return;
        }
        // JavaScript counts in UTF-16 units, whichever way the text crosses.
        self.count(if string.is_ascii() { string.len() } else { string.encode_utf16().count() });
        self.text.push_str(string);
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of one batch")]
    fn count(&mut self, count: usize) {
        self.numbers.push(count as f64);
    }

    fn finish(self) -> Packed {
        Packed { numbers: self.numbers, text: Text::new(self.text), longs: self.longs }
    }
}

#[expect(clippy::cast_precision_loss, reason = "times in ms, sequences and delivery numbers are below 2^53")]
fn message_numbers(delivery: &Delivery) -> [f64; 10] {
    let message = &*delivery.message;
    let flags = [
        (message.is_read, FLAG_READ),
        (message.mentions_self, FLAG_AT_SELF),
        (delivery.redelivered, FLAG_REDELIVERED),
        (message.offline, FLAG_OFFLINE),
    ];
    let flags: u32 = flags.iter().filter(|(on, _)| *on).map(|(_, bit)| bit).sum();
    [
        f64::from(session_type(message.chat)),
        f64::from(message.origin),
        f64::from(message.kind),
        f64::from(message.sender.platform),
        f64::from(message.status),
        message.seq() as f64,
        message.sent_at as f64,
        message.created_at as f64,
        delivery.number as f64,
        f64::from(flags),
    ]
}

fn message_strings(message: &Inbound) -> [&str; MESSAGE_STRINGS] {
    [
        &message.id,
        &message.server_id,
        &message.conversation,
        &message.sender.id,
        &message.recipient,
        &message.group,
        &message.sender.name,
        &message.sender.face,
        &message.content,
        &message.attached,
        &message.extra,
        &message.text,
        &message.parts,
    ]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use channel::Position;
    use channel::message::Sender;

    use super::*;

    fn message(text: &str) -> Inbound {
        Inbound {
            position: Position::Seq { seq: 7 },
            conversation: "si_a_b".into(),
            id: "id".into(),
            server_id: "srv".into(),
            chat: Chat::Group,
            kind: 101,
            origin: 100,
            sender: Sender { id: "a".into(), name: "N".into(), face: String::new(), platform: 5 },
            recipient: "b".into(),
            group: "g".into(),
            text: text.into(),
            content: "{}".into(),
            parts: String::new(),
            sent_at: 1_795_000_000_001,
            created_at: 2,
            status: 2,
            is_read: false,
            mentions: vec!["x".into(), "yz".into()],
            mentions_self: true,
            attached: String::new(),
            extra: String::new(),
            offline: true,
        }
    }

    fn packed(texts: &[&str]) -> Packed {
        let messages = texts.iter().zip(1..).map(|(text, number)| Delivery {
            number,
            message: Arc::new(message(text)),
            redelivered: false,
        });
        pack(&Batch { messages: messages.collect(), ..Batch::default() })
    }

    #[test]
    fn a_message_is_ten_numbers_thirteen_lengths_and_its_mentions() {
        let packed = packed(&["hi"]);
        let expected = [
            &[1.0, 0.0, 0.0][..],
            &[3.0, 100.0, 101.0, 5.0, 2.0, 7.0, 1_795_000_000_001.0, 2.0, 1.0, 10.0],
            &[2.0, 3.0, 6.0, 1.0, 1.0, 1.0, 1.0, 0.0, 2.0, 0.0, 0.0, 2.0, 0.0],
            &[2.0, 1.0, 2.0],
        ];
        assert_eq!(packed.numbers, expected.concat());
        assert_eq!(packed.text, Text::Latin1(b"idsrvsi_a_babgN{}hixyz".to_vec()));
    }

    #[test]
    fn one_character_beyond_ascii_makes_the_batch_utf16_and_lengths_count_its_units() {
        let packed = packed(&["plain", "你好 😀"]);
        let Text::Utf16(units) = &packed.text else { panic!("not ASCII") };
        assert!(String::from_utf16(units).unwrap().ends_with("{}你好 😀xyz"));
        assert_eq!(packed.numbers[packed.numbers.len() - 5], 5.0, "two, a space, and a pair");
    }

    #[test]
    fn a_long_text_crosses_on_its_own_in_its_own_width() {
        let (ascii, cjk) = ("x".repeat(LONG_TEXT + 1), "你".repeat(LONG_TEXT));
        let packed = packed(&[&ascii, &cjk, &"y".repeat(LONG_TEXT)]);
        assert_eq!(packed.longs.len(), 2);
        assert!(matches!(&packed.longs[0], Text::Latin1(bytes) if bytes.len() == LONG_TEXT + 1));
        assert!(matches!(&packed.longs[1], Text::Utf16(units) if units.len() == LONG_TEXT));
        assert!(matches!(packed.text, Text::Latin1(_)), "the rest of the batch stays narrow");
    }

    #[test]
    fn events_and_log_lines_follow_the_messages() {
        let packed = pack(&Batch {
            events: vec![Event::Connecting { attempt: 3 }],
            notes: vec!["odd".into()],
            ..Batch::default()
        });
        assert_eq!(packed.numbers, [0.0, 1.0, 1.0, 0.0, 12.0, 0.0, 13.0, 3.0]);
        assert_eq!(packed.text, Text::Latin1(b"OnConnecting{\"attempt\":3}odd".to_vec()));
    }
}
