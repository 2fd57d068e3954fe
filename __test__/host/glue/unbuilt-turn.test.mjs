// A turn that cannot be built: the message is acknowledged at once, since another delivery would fail in the same way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTurn } from "../../../dist/inbound/turn.js";

/** A turn whose context, or whose start in the host, fails with this error. */
function failing({ context, host }) {
  const errors = [];
  const run = async ({ adapter }) => {
    if (host) throw host;
    await adapter.resolveTurn();
  };
  const buildContext = async () => {
    throw context;
  };
  const turn = {
    ctx: { abortSignal: new AbortController().signal, log: { error: (line) => errors.push(line), warn: () => {} } },
    runtime: { inbound: { run, buildContext } },
    cfg: {},
    account: {
      accountId: "a",
      access: {},
      contextVisibility: "all",
      requireMention: false,
      respondToMentionAll: false,
    },
    message: { clientMsgID: "m1", conversationID: "si_a_b", sendID: "alice", senderNickname: "", sendTime: 1 },
    conversation: { kind: "direct", peerId: "alice", target: "user:alice", from: "multi-openim:alice" },
    peer: { kind: "direct", id: "alice" },
    route: { agentId: "main", sessionKey: "agent:main:main" },
    messageId: "m1",
    text: "x",
    commandText: "x",
    media: [],
    answer: { ingress: { commandAccess: {}, senderAccess: {} } },
    selfId: "bot",
    quotesSelf: false,
    history: "h",
  };
  return { errors, settled: startTurn(turn, () => {}) };
}

test("a message for which no turn can be built is acknowledged and reported", async () => {
  const { errors, settled } = failing({ context: new RangeError("Invalid time value") });
  await settled;
  assert.deepEqual(errors, ["[multi-openim:inbound] account=a a message has no turn: Invalid time value"]);
});

test("a message that the host does not take is refused and comes again", async () => {
  const { errors, settled } = failing({ host: new Error("the store is busy") });
  await assert.rejects(settled, /the store is busy/);
  assert.deepEqual(errors, []);
});
