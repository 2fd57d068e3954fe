//! OpenIM's numbers, each with its reason.

use std::time::Duration;

/// The gateway closes a connection whose websocket message is longer (after JSON and base64, or after gzip).
pub const FRAME_OUT_MAX: usize = 51_200;
/// Pull answers may be large: 8 MiB of RPC answer become about 11.2 MiB of JSON.
pub const FRAME_IN_MAX: usize = 16 * 1024 * 1024;
/// A frame's text after gunzip may be no larger than a plain frame: more is a bomb.
pub const GUNZIP_MAX: usize = FRAME_IN_MAX;
/// The memory that decoding one payload may take: four times the largest frame holds every true one.
pub const DECODED_MAX: usize = 4 * FRAME_IN_MAX;
/// A larger frame is decoded on a thread of its own: the threads that read serve all accounts.
pub const SMALL_FRAME_MAX: usize = 1024 * 1024;
/// Words of the server that are shown to people: longer ones are cut.
pub const SERVER_WORDS_MAX: usize = 160;

/// The gateway's read deadline, refreshed by any frame of ours.
pub const SERVER_READ_DEADLINE: Duration = Duration::from_secs(30);
/// We speak at least this often: well below the gateway's deadline even when one heartbeat is lost.
pub const HEARTBEAT_EVERY: Duration = Duration::from_secs(10);
/// Nothing at all was received for this long: the connection is dead, whatever TCP says. Two heartbeats unanswered.
pub const SILENCE_MAX: Duration = Duration::from_secs(22);
/// TCP, TLS, upgrade and first frame together.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// A request without an answer is over. A message waits longer, see [`SEND_MAX`].
pub const REQUEST_MAX: Duration = Duration::from_secs(10);
/// Requests that may wait for an answer at once; a server that answers none is found by the deadline, not by memory.
pub const PENDING_MAX: usize = 512;
/// The body of a refused upgrade is a short JSON object.
pub const REFUSAL_BODY_MAX: usize = 16 * 1024;

/// Content that JSON and base64 certainly keep below [`FRAME_OUT_MAX`].
pub const CONTENT_MAX: usize = 36_000;
/// Content beyond this is not read: no socket carries it, only a server's own call makes it. It stays raw.
pub const CONTENT_IN_MAX: usize = 1024 * 1024;
/// Messages inside messages: a quote in a forward in a forward is seen, an endless Russian doll is not.
pub const EMBEDDED_DEPTH_MAX: usize = 8;
/// ... and altogether in one message: many times what clients let a person forward.
pub const EMBEDDED_MAX: usize = 1_000;
/// Items of one list in a content or a notification; the largest true ones are the members of a new group.
pub const LIST_MAX: usize = 10_000;
/// What a received message shows of the messages inside it: the quoted one and what that quotes; the rest is in its
/// raw content.
pub const SHOWN_DEPTH_MAX: usize = 2;
/// ... altogether, what is quoted inside a forward included, ...
pub const SHOWN_MAX: usize = 100;
/// ... and in the list of a forward.
pub const FORWARDED_MAX: usize = 50;
/// The longest readable text. What fits a frame is never cut; only server-made messages are longer.
pub const READABLE_MAX: usize = FRAME_OUT_MAX;
/// A quoted text is there to be recognised.
pub const QUOTED_MAX: usize = 2_000;
/// Names, titles and descriptions inside the readable text.
pub const LABEL_MAX: usize = 200;
/// The account's own newest messages, by whose place a read receipt names them.
pub const OWN_MESSAGES_KEPT: usize = 1_000;
/// People who have just become friends; a second report of a friendship comes within moments.
pub const NEW_FRIENDS_KEPT: usize = 64;
/// Somebody who was typing and says nothing more has stopped after this long.
pub const TYPING_FOR: Duration = Duration::from_secs(15);
/// People who are typing at once; of more nothing is told.
pub const TYPING_MAX: usize = 256;
/// A person's or a group's id; far longer than OpenIM's own, short enough for a key.
pub const ID_MAX: usize = 256;
/// A message's id that is kept as its author wrote it; longer ones are replaced by a fingerprint.
pub const MESSAGE_ID_MAX: usize = 128;

/// Sequences of one pull. The server's answer stays well below its 8 MiB.
pub const PULL_MAX: usize = 100;
/// ... of one conversation, so that a loud one leaves room for the others.
pub const PULL_PER_CONVERSATION: usize = 50;
/// A pull that failed is made again after this long, ...
pub const PULL_RETRY: Duration = Duration::from_secs(1);
/// ... and at most this long where a single message is asked for again and again.
pub const PULL_RETRY_MAX: Duration = Duration::from_secs(15);
/// So many failures in a row, and it is looked whether the server answers any pull at all.
pub const PULL_FAILURES_DOUBTED: u32 = 3;
/// So many failures of a single message while others are answered, over two minutes, and it is left out. Fewer may be
/// a server that fails now and then.
pub const PULL_FAILURES_MAX: u32 = 12;
/// After a failure larger parts are asked for again while their answers stay below this; it is far from the largest
/// frame even in base64.
pub const PULL_ANSWER_BYTES: usize = 6 * 1024 * 1024;
/// An empty place among the newest sequences is asked for again after these waits before it counts as empty: the
/// server counts a message before it can be read.
pub const PLACEHOLDER_WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];
/// ... and only among so many newest ones: the server stores no more at once, older empty places are empty for good.
pub const UNREADABLE_MAX: i64 = 512;
/// A gap larger than this is cut to its newest part, and reported.
pub const GAP_MAX: i64 = 10_000;
/// Conversations of one account. A chat costs a few hundred bytes here; no person has so many.
pub const CONVERSATIONS_MAX: usize = 50_000;
/// The bytes of one conversation's name: two ids of any script, and more than any group's own.
pub const CONVERSATION_NAME_MAX: usize = 2_048;
/// ... and of all their names together.
pub const CONVERSATION_NAMES_BYTES: usize = 16 * 1024 * 1024;
/// Reports for the operator that wait to be taken.
pub const REPORTS_MAX: usize = 32;
/// No conversation gets this far, and JavaScript counts no further exactly.
pub const SEQ_MAX: i64 = (1 << 53) - 1;
/// Messages of one conversation that wait for a gap before them; more are pulled again in their turn.
pub const BUFFERED_MAX: usize = 64;
/// Empty places of one conversation under which a late push is still a message.
pub const HOLES_MAX: usize = 128;
/// A failed question where the conversations stand is repeated after this long, doubled each time, ...
pub const NEWEST_RETRY: Duration = Duration::from_secs(1);
/// ... up to this.
pub const NEWEST_RETRY_MAX: Duration = Duration::from_secs(60);
/// Conversations that one 1006 asks for by name.
pub const POSITIONS_AT_ONCE: usize = 200;
/// ... and altogether, of those that the ledger knows and 1001 leaves out.
pub const POSITIONS_MAX: usize = 2_000;
/// Where the conversations stand is asked right after the login, ...
/// ... again after this long, because a fresh connection is not pushed to at once, ...
pub const RESYNC_SOON: Duration = Duration::from_secs(3);
/// ... and then this often, because the server may drop a push without a word.
pub const RESYNC_EVERY: Duration = Duration::from_secs(180);

/// Messages of one account on their way out.
pub const OUTBOX_MAX: usize = 512;
/// A message is given up after this long, whatever was tried.
pub const SEND_MAX: Duration = Duration::from_secs(40);
/// A message whose fate is unknown is looked for this often.
pub const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// A message whose connection was lost may be stored this long after the loss: the server goes on serving what it has
/// read, and stores what it has taken with a delay. Absent before that proves nothing.
pub const RESEND_AFTER: Duration = Duration::from_secs(10);
/// A message that was answered and cannot be found for this long counts as not stored.
pub const STORED_WITHIN: Duration = Duration::from_secs(10);
/// Messages looked at in search of one; a conversation that has moved on further leaves its outcome unknown.
pub const LOOK_MAX: i64 = 500;
/// Between asking how far a conversation goes and pulling from it: what is pulled while the server still stores it is
/// blanked for everybody.
pub const READABLE_AFTER: Duration = Duration::from_millis(300);
/// Messages of one conversation that are written in any [`PACE_WINDOW`], and that wait for their answers at once. The
/// server acknowledges and drops a batch of more than 100, and others write to the conversation, too.
pub const WRITES_PER_WINDOW: usize = 50;
/// Two of the server's batches.
pub const PACE_WINDOW: Duration = Duration::from_millis(200);
