// The ids of sent messages. They are computed from the id of the host's queue entry, or of the turn for answers that bypass the
// queue. After a crash a conversation therefore shows which of the messages have reached it.

import { createHash } from "node:crypto";

import type { ChannelOutboundContext } from "openclaw/plugin-sdk/channel-contract";

/** One message of a delivery: its place, and of how many the delivery consists, as the host counts them. */
export interface Part {
  index: number;
  count: number;
  /** The words that belong to the file in this place: OpenIM's files have no captions. */
  words: boolean;
}

/** A message of an answer that does not go through the queue: its place, and how many follow. */
export interface AnswerPart {
  index: number;
  left: number;
}

type Queued = Pick<ChannelOutboundContext, "deliveryQueueId" | "deliveryPartIndex" | "deliveryPartCount">;

/** Hexadecimal digits that tell deliveries apart, 96 bits; with those of the part it is as long as any other id. */
const QUEUE_DIGITS = 24;
const PART_DIGITS = 4;
/** Marks the text that belongs to a file: above every index, no answer consists of so many messages. */
const WORDS = 0x8000;

/** The id of a message; undefined when the host would not ask for it again, so that any id will do. */
export function clientMsgID(queued: Queued, { words = false } = {}): string | undefined {
  const { deliveryQueueId, deliveryPartIndex: index = 0, deliveryPartCount: count = 1 } = queued;
  if (!deliveryQueueId || index >= WORDS || count > 0xffff) return undefined;
  return queueDigits(deliveryQueueId) + digits(index + (words ? WORDS : 0)) + digits(count);
}

/** The id of a message of a turn's answer, which `left` others follow as far as is known while it leaves. */
export function answerMsgID(turn: string, { index, left }: AnswerPart): string | undefined {
  return clientMsgID({ deliveryQueueId: answerTo(turn), deliveryPartIndex: index, deliveryPartCount: left });
}

/** Which message of a turn's answer one is; undefined for any other. */
export function answerPart(turn: string, id: string): AnswerPart | undefined {
  const part = partOf(answerTo(turn), id);
  return part && { index: part.index, left: part.count };
}

const answerTo = (turn: string): string => `the answer to ${turn}`;

/** Which part of a delivery a message is; undefined for a message of anything else. */
export function partOf(queueId: string, id: string): Part | undefined {
  const [, queue, place, count] = /^([0-9a-f]{24})([0-9a-f]{4})([0-9a-f]{4})$/.exec(id) ?? [];
  if (!place || !count || queue !== queueDigits(queueId)) return undefined;
  const at = parseInt(place, 16);
  return { index: at % WORDS, count: parseInt(count, 16), words: at >= WORDS };
}

function queueDigits(queueId: string): string {
  return createHash("sha256").update(queueId).digest("hex").slice(0, QUEUE_DIGITS);
}

function digits(value: number): string {
  return value.toString(16).padStart(PART_DIGITS, "0");
}
