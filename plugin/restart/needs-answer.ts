// Decides whether a redelivered message still needs an answer. After a restart it may already have been answered, partly
// answered, or be queued for an answer.

import type { Message } from "multi-openim-channel";
import { repeatNote, lastSentPart } from "./sent-parts.js";
import type { GatewayContext } from "../host.js";
import { INBOUND_TAG } from "../names.js";
import { type SessionPlace, turnRecordOf, turnId, NEVER_ASKED, waitForRecovery } from "./resumption.js";

export interface NeedsAnswer {
  /** The id under which the host is to know the message. */
  messageId: string;
  /** A note for an agent that was asked before. */
  note?: string;
}

/** Undefined when the message has its answer, or the host gives it. */
export async function needsAnswer(
  { accountId, log, abortSignal }: GatewayContext,
  place: SessionPlace,
  { clientMsgID: id, redelivered, sendTime }: Message,
  target: string,
): Promise<NeedsAnswer | undefined> {
  const account = `${INBOUND_TAG} account=${accountId}`;
  const what = `${account} message ${id}`;
  // The host does not resume an interrupted turn once another one of the session has begun.
  await waitForRecovery(place, abortSignal);
  const record = redelivered ? turnRecordOf(place, id, (words) => log?.warn(`${account} ${words}`)) : NEVER_ASKED;
  if (record.handledByHost) {
    log?.info(`${what} is left to the host after a restart: ${record.handledByHost}`);
    return undefined;
  }
  const { asked, turn } = record;
  const last = turn ? await lastSentPart({ cfg: place.cfg, accountId, target, turn, sendTime }) : undefined;
  if (last?.left === 0) {
    log?.info(`${what} was answered before a restart`);
    return undefined;
  }
  return { messageId: turnId(id, record), ...(asked > 0 ? { note: repeatNote(last) } : {}) };
}
