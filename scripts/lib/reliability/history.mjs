// What the children wrote down, and what follows from it: was every message delivered, and every repeat explained.
import { existsSync, readFileSync } from "node:fs";

/** The entries so far. The last line may be cut off by a kill. */
export function readHistory(log) {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, "utf8").split("\n");
  lines.pop();
  return lines.map((line) => JSON.parse(line));
}

const key = ({ to, id }) => `${to} ${id}`;

/** How many different messages were delivered, each counted once per reader. */
export const deliveredCount = (log) =>
  new Set(readHistory(log).flatMap((entry) => (entry.what === "delivered" ? [key(entry)] : []))).size;

/**
 * Judges a history against what was sent: `sent` are `{to, id}`, `kills` the moment each killed process was killed, by
 * its process id.
 */
export function judge(entries, { sent, kills = new Map() }) {
  const stories = new Map(sent.map((one) => [key(one), []]));
  const strangers = [];
  for (const entry of entries.filter(({ id }) => id)) (stories.get(key(entry)) ?? strangers).push(entry);
  /** @type {Record<string, any>} */
  const verdict = {
    sent: sent.length,
    delivered: 0,
    lost: [],
    strangers,
    unexplained: [],
    disorder: disorder(entries),
  };
  Object.assign(verdict, { repeats: 0, unmarkedRepeats: 0, oldestUnmarkedMs: 0, lostAcks: 0, oldestLostAckMs: 0 });
  for (const [name, story] of stories) {
    const deliveries = story.filter(({ what }) => what === "delivered");
    if (deliveries.length === 0) verdict.lost.push(name);
    else verdict.delivered += 1;
    verdict.repeats += Math.max(0, deliveries.length - 1);
    for (const [i, entry] of story.entries()) {
      if (entry.what !== "delivered" || i === 0) continue;
      if (!entry.redelivered) noteUnmarked(verdict, story[0], kills);
      const ack = story.slice(0, i).findLast(({ what }) => what === "acked");
      if (ack) judgeLostAck(verdict, name, ack, entry, kills);
      else if (!entry.redelivered && entry.pid === story[0].pid) verdict.unexplained.push(`${name}: twice in one run`);
    }
  }
  return verdict;
}

/** A repeat that does not say so: what was handed over moments before a kill was not on disk yet. */
function noteUnmarked(verdict, first, kills) {
  verdict.unmarkedRepeats += 1;
  verdict.oldestUnmarkedMs = Math.max(verdict.oldestUnmarkedMs, (kills.get(first.pid) ?? Infinity) - first.at);
}

/** A message came again although its acknowledgement was written down. Only a kill explains that. */
function judgeLostAck(verdict, name, ack, again, kills) {
  const killedAt = kills.get(ack.pid);
  if (again.pid === ack.pid || killedAt === undefined) {
    verdict.unexplained.push(`${name}: again after its ack in the same run`);
    return;
  }
  verdict.lostAcks += 1;
  verdict.oldestLostAckMs = Math.max(verdict.oldestLostAckMs, killedAt - ack.at);
}

/** First deliveries that came after a later one of their conversation. */
function disorder(entries) {
  const newest = new Map();
  const seen = new Set();
  const wrong = [];
  for (const { what, to, id, conversationID, seq } of entries) {
    if (what !== "delivered" || seen.has(`${to} ${id}`)) continue;
    seen.add(`${to} ${id}`);
    const chat = `${to} ${conversationID}`;
    if (seq < (newest.get(chat) ?? 0)) wrong.push(`${chat}: ${seq} after ${newest.get(chat)}`);
    newest.set(chat, Math.max(seq, newest.get(chat) ?? 0));
  }
  return wrong;
}

/**
 * What of the promise a verdict breaks, in sentences. `oldestMs` is how old may be what a kill
 * takes along because it was not written yet.
 */
export function broken(verdict, { oldestMs = 100, exactlyOnce = false } = {}) {
  const said = [];
  const list = (what, names) => {
    if (names.length > 0) said.push(`${names.length} ${what}: ${names.slice(0, 3).join("; ")}`);
  };
  list("lost", verdict.lost);
  list("that nobody sent", verdict.strangers.map(key));
  list("repeated without a reason", verdict.unexplained);
  list("out of order", verdict.disorder);
  if (verdict.oldestLostAckMs > oldestMs) said.push(`a kill took an ack of ${verdict.oldestLostAckMs} ms before it`);
  if (verdict.oldestUnmarkedMs > oldestMs) {
    said.push(`a repeat is not marked although it was first delivered ${verdict.oldestUnmarkedMs} ms before the kill`);
  }
  if (exactlyOnce && verdict.repeats > 0) said.push(`${verdict.repeats} delivered more than once`);
  return said;
}
