// Decides whether a message that was asked before still needs an answer. After a restart it may already have been answered,
// partly answered, or be queued for an answer; another gateway with the same login may have answered it as well.

import type { Message } from "multi-openim-channel";
import { repeatNote, type SentAnswer, lastSentPart } from "./sent-parts.js";
import type { GatewayContext } from "../host.js";
import type { EarlierAttempts } from "../inbound/attempts.js";
import { INBOUND_TAG } from "../names.js";
import { untilConnected } from "../outbound/outage.js";
import { reachability } from "../outbound/send.js";
import { type SessionPlace, turnRecordOf, turnId, NEVER_ASKED, waitForRecovery } from "./resumption.js";

export interface NeedsAnswer {
  /** The id under which the host is to know the message. */
  messageId: string;
  /** A note for an agent that was asked before. */
  note?: string;
}

/** How many turns another gateway may have given a message before this one heard of it. */
const TURNS_ELSEWHERE = 3;

/** Undefined when the message has its answer, or the host gives it. */
export async function needsAnswer(
  { accountId, log, abortSignal }: GatewayContext,
  place: SessionPlace,
  { clientMsgID: id, redelivered, offline, groupID, sendTime }: Message,
  target: string,
  earlier: EarlierAttempts,
): Promise<NeedsAnswer | undefined> {
  const account = `${INBOUND_TAG} account=${accountId}`;
  const what = `${account} message ${id}`;
  // The host does not resume an interrupted turn once another one of the session has begun.
  await waitForRecovery(place, abortSignal);
  const record = redelivered ? turnRecordOf(place, id, (words) => log?.warn(`${account} ${words}`)) : NEVER_ASKED;
  // What this process could not send, the host cannot have sent either.
  if (record.handledByHost && !earlier.isLost) {
    log?.info(`${what} is left to the host after a restart: ${record.handledByHost}`);
    return undefined;
  }
  const { asked, turn } = record;
  // Answers in groups go through the host's queue, which gives them ids of its own.
  const turns = turn ? [turn] : offline && !groupID ? turnsElsewhere(id) : [];
  let sent: SentAnswer = { complete: true };
  if (turns.length > 0) {
    await untilConnected(() => reachability({ cfg: place.cfg, accountId }), { signal: abortSignal });
    sent = await lastSentPart({ cfg: place.cfg, accountId, target, turns, sendTime });
  }
  if (sent.last?.left === 0) {
    log?.info(`${what} was answered ${turn ? "before a restart" : "by another gateway or before"}`);
    return undefined;
  }
  const number = Math.max(asked, earlier.count, sent.last ? 1 : 0);
  const isRepeated = asked > 0 || sent.last !== undefined;
  return { messageId: turnId(id, { asked: number }), ...(isRepeated ? { note: repeatNote(sent) } : {}) };
}

function turnsElsewhere(id: string): string[] {
  return Array.from({ length: TURNS_ELSEWHERE }, (_, asked) => turnId(id, { asked }));
}
