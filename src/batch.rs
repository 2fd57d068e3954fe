//! A batch on its way to JavaScript: messages, events and log lines as few values. `js/unpack.js` makes objects of them.

use base::AccountId;
use channel::{Batch, Delivery};

use crate::event::{self, ClientEvent};
use crate::log::LogLine;
use crate::message::{self, Message};
use crate::packed::{Packed, Packer, literal};
use crate::trace::TraceLine;

/// Packs a batch: the three counts first, then messages, events and log lines.
pub(crate) fn pack(batch: &Batch, traced: &[TraceLine], account: &AccountId) -> Packed {
    let mut packer = begin(batch.messages.len(), batch.events.len(), batch.notes.len() + traced.len());
    for delivery in &batch.messages {
        message::pack(&message::received(delivery), &delivery.message.parts, &mut packer);
    }
    for event in &batch.events {
        event::pack(event, &mut packer);
    }
    for note in &batch.notes {
        LogLine { level: "warn", account_id: account.as_str(), message: note }.pack(&mut packer);
    }
    for TraceLine { level, text } in traced {
        LogLine { level: level.word(), account_id: account.as_str(), message: text }.pack(&mut packer);
    }
    packer.finish()
}

/// Packs messages alone.
pub(crate) fn pack_messages(messages: &[Delivery]) -> Packed {
    let mut packer = begin(messages.len(), 0, 0);
    for delivery in messages {
        message::pack(&message::received(delivery), &delivery.message.parts, &mut packer);
    }
    packer.finish()
}

/// Packs one message of one's own.
pub(crate) fn pack_own(own: &Message<'_>, parts: &str) -> Packed {
    let mut packer = begin(1, 0, 0);
    message::pack(own, parts, &mut packer);
    packer.finish()
}

fn begin(messages: usize, events: usize, lines: usize) -> Packer {
    let mut packer = Packer::default();
    for count in [messages, events, lines] {
        packer.count(count);
    }
    packer
}

/// The script that unpacks a batch, with the literals of the objects in it.
pub(crate) fn script() -> String {
    include_str!("js/unpack.js")
        .replace("$Message", &literal(Message::MEMBERS))
        .replace("$ClientEvent", &literal(ClientEvent::MEMBERS))
        .replace("$LogLine", &literal(LogLine::MEMBERS))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use base::TypeScript as _;
    use channel::message::Sender;
    use channel::{Chat, Event, Inbound, Position};

    use super::*;
    use crate::limits::LONG_TEXT;
    use crate::packed::Text;

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
        pack(&Batch { messages: messages.collect(), ..Batch::default() }, &[], &"a".into())
    }

    #[test]
    fn a_message_is_its_numbers_flags_and_string_lengths_in_order() {
        let packed = packed(&["hi"]);
        let expected = [
            &[1.0, 0.0, 0.0][..],
            &[2.0, 3.0, 6.0, 1.0, 1.0, 1.0, 1.0, 0.0],
            &[5.0, 3.0, 100.0, 101.0],
            &[2.0, 7.0, 1_795_000_000_001.0, 2.0, 2.0],
            &[0.0, 0.0, 0.0],
            &[2.0, 1.0, 2.0],
            &[2.0],
            &[1.0, 1.0, 0.0, 1.0],
            &[0.0],
        ];
        assert_eq!(packed.numbers, expected.concat());
        assert_eq!(packed.text, Text::Latin1(b"idsrvsi_a_babgN{}xyzhi".to_vec()));
    }

    #[test]
    fn one_character_beyond_ascii_makes_the_whole_batch_utf16() {
        let packed = packed(&["plain", "你好 😀"]);
        let Text::Utf16(units) = &packed.text else { panic!("not ASCII") };
        assert!(String::from_utf16(units).unwrap().ends_with("{}xyz你好 😀"));
        assert_eq!(packed.numbers[packed.numbers.len() - 6], 5.0, "two, a space, and a pair");
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
        let packed = pack(
            &Batch { events: vec![Event::Connecting { attempt: 3 }], notes: vec!["odd".into()], ..Batch::default() },
            &[],
            &"bot".into(),
        );
        assert_eq!(packed.numbers, [0.0, 1.0, 1.0, 12.0, 0.0, 0.0, 13.0, 4.0, 3.0, 3.0]);
        assert_eq!(packed.text, Text::Latin1(b"OnConnecting{\"attempt\":3}warnbotodd".to_vec()));
    }

    #[test]
    fn the_script_makes_exactly_the_members_of_the_interfaces() {
        for (name, made, stated) in [
            ("$Message", Message::MEMBERS, Message::members()),
            ("$ClientEvent", ClientEvent::MEMBERS, ClientEvent::members()),
            ("$LogLine", LogLine::MEMBERS, LogLine::members()),
        ] {
            assert_eq!(include_str!("js/unpack.js").matches(name).count(), 1, "{name}");
            let made: Vec<_> = made.iter().map(|(member, _)| *member).collect();
            let stated: Vec<_> = stated.iter().map(|member| member.name).collect();
            assert_eq!(made, stated, "{name}");
            assert!(!script().contains(name), "{name} is not filled in");
        }
    }
}
