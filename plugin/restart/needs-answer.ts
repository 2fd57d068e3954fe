// Whether a message is still owed an answer, and how the agent is asked for it. A message comes again after a restart, and
// may have been answered, in whole or in part, or be about to be.

import type { Message } from "multi-openim-channel";
import { askedAgain, lastGiven } from "./sent-parts.js";
import type { GatewayContext } from "../host.js";
import { INBOUND_TAG } from "../names.js";
import { type Place, standingOf, turnId, UNASKED, untilTakenUp } from "./resumption.js";

export interface NeedsAnswer {
  /** The id under which the host is to know the message. */
  messageId: string;
  /** What the agent is to know that was asked before. */
  note?: string;
}

/** Undefined where the message has its answer, or gets it from the host. */
export async function needsAnswer(
  { accountId, log, abortSignal }: GatewayContext,
  place: Place,
  { clientMsgID: id, redelivered, sendTime }: Message,
  target: string,
): Promise<NeedsAnswer | undefined> {
  const account = `${INBOUND_TAG} account=${accountId}`;
  const what = `${account} message ${id}`;
  // A turn that began now would keep the host from resuming the one that a restart interrupted.
  await untilTakenUp(place, abortSignal);
  const standing = redelivered ? standingOf(place, id, (words) => log?.warn(`${account} ${words}`)) : UNASKED;
  if (standing.handledByHost) {
    log?.info(`${what} is left to the host after a restart: ${standing.handledByHost}`);
    return undefined;
  }
  const { asked, turn } = standing;
  const last = turn ? await lastGiven({ cfg: place.cfg, accountId, target, turn, sendTime }) : undefined;
  if (last?.left === 0) {
    log?.info(`${what} was answered before a restart`);
    return undefined;
  }
  return { messageId: turnId(id, standing), ...(asked > 0 ? { note: askedAgain(last) } : {}) };
}
