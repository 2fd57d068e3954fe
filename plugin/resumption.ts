// What becomes of a message that comes again after a restart although its session has it already. The host resumes a turn
// that was under way and keeps a record of one that began at once. It leaves alone a turn that was over and had waited in
// its queue, even when the answer had not got into its outbound queue: such a message is asked again.

import { setTimeout } from "node:timers/promises";

import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { loadTranscriptEventsSync } from "openclaw/plugin-sdk/session-store-runtime";

import { errorText } from "./failures.js";
import { hostRuntime } from "./host.js";
import { RESUMPTION_MS, RESUMPTION_POLL_MS } from "./limits.js";
import { CHANNEL_ID } from "./names.js";

export interface Question {
  cfg: OpenClawConfig;
  agentId: string;
  sessionKey: string;
  messageId: string;
}

/** How a message stands in its session. */
export interface Standing {
  /** How often the agent was asked it. */
  asked: number;
  /** The host has brought its turn to an end, or is about to. */
  hosts: boolean;
  /** The host has yet to take its turn up: whatever begins in the session before that keeps it from doing so. */
  pending: boolean;
}

/** What the host keeps of a session. */
export interface Session {
  status?: unknown;
  startedAt?: number | undefined;
  /** The host is taking its turn up again. */
  recovering: boolean;
  /** The turns of which the host keeps a record. */
  recorded: unknown[];
  /** What was said, oldest first, and what else the host writes there. */
  events: unknown[];
}

interface Entry {
  role?: unknown;
  idempotencyKey?: unknown;
  provenance?: { sourceTool?: unknown };
  __openclaw?: { transport?: { channel?: unknown; messageId?: unknown } };
}

/** How the host marks what it tells the agent of a turn that a restart interrupted. */
const RESUMED = "main_session_restart_recovery";
const AGAIN = "-again-";

export const UNASKED: Standing = { asked: 0, hosts: false, pending: false };

/** How a message stands once the host has had its time to take the turn up; a turn it leaves alone is over. */
export async function settledStanding(read: () => Standing): Promise<Standing> {
  const end = performance.now() + RESUMPTION_MS;
  let standing = read();
  for (; standing.pending && performance.now() < end; standing = read()) await setTimeout(RESUMPTION_POLL_MS);
  return standing;
}

/** A session that cannot be read is no reason to answer nobody: the message is asked as if it were new. */
export function standingOf(question: Question, warn: (words: string) => void): Standing {
  try {
    const session = sessionOf(question);
    return session ? standingIn(session, question.messageId) : UNASKED;
  } catch (error) {
    warn(`cannot see whether a message that comes again was answered: ${errorText(error)}`);
    return UNASKED;
  }
}

export function standingIn(session: Session, messageId: string): Standing {
  const entries = messagesOf(session.events);
  const asked = entries.filter((entry) => isFrom(entry, messageId)).length;
  if (asked === 0) return UNASKED;
  const [question, ...since] = entries.slice(entries.findLastIndex((entry) => isFrom(entry, messageId)));
  const recorded = session.recorded.includes(question?.idempotencyKey);
  const hosts = recorded || since.some(isResumption) || (session.status === "running" && session.recovering);
  return { asked, hosts, pending: !hosts && isInterrupted(session) };
}

/** The id of a turn. The host writes no question under an id that it has: whoever is asked again is asked under another. */
export function turnId(messageId: string, { asked }: Standing): string {
  return asked > 0 ? `${messageId}${AGAIN}${asked}` : messageId;
}

function sessionOf({ cfg, agentId, sessionKey }: Question): Session | undefined {
  const sessions = hostRuntime()?.agent.session;
  const storePath = sessions?.resolveStorePath(cfg.session?.store, { agentId });
  const entry = sessions?.getSessionEntry({ agentId, sessionKey, storePath, readConsistency: "latest" });
  if (!entry) return undefined;
  const { sessionId, status, startedAt } = entry;
  const recovering = entry.abortedLastRun === true || (entry.restartRecoveryRuns ?? []).length > 0;
  const turns = [...(entry.restartRecoveryTerminalRunIds ?? []), entry.restartRecoveryDeliverySourceRunId];
  const events = loadTranscriptEventsSync({ agentId, sessionKey, sessionId, storePath });
  return { status, startedAt, recovering, recorded: turns.filter(Boolean), events };
}

/** What has been running since before this process is still to be resumed; what began later is another turn. */
function isInterrupted({ status, startedAt = 0 }: Session): boolean {
  return status === "running" && startedAt < performance.timeOrigin;
}

function messagesOf(events: unknown[]): Entry[] {
  return events.flatMap((event) => {
    const { type, message } = (event ?? {}) as { type?: unknown; message?: Entry };
    return type === "message" && message ? [message] : [];
  });
}

function isFrom({ role, __openclaw: origin }: Entry, id: string): boolean {
  const { channel, messageId } = origin?.transport ?? {};
  const known = typeof messageId === "string" && (messageId === id || messageId.startsWith(id + AGAIN));
  return role === "user" && channel === CHANNEL_ID && known;
}

function isResumption({ role, provenance }: Entry): boolean {
  return role === "user" && provenance?.sourceTool === RESUMED;
}
