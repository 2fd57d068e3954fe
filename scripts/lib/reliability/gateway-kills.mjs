// Kill -9 of a real OpenClaw gateway at random moments, and outages of OpenIM, while a person keeps asking: what became of
// each question.
import { randomUUID } from "node:crypto";
import { Cleanup } from "../cleanup.mjs";
import { startPerson } from "../person.mjs";
import { CHANNEL, connected, startRig } from "../rig.mjs";
import { pause, seeded } from "./rig.mjs";

const ACCOUNT = "a";
const BOT = "bot_7";
const PERSON = "alice";
/** A question about so often while the gateway runs, and seldom while it is away: what waits has to be worked off. */
const ASK_EVERY_MS = 1_000;
const ASK_AWAY_MS = 6_000;
/** Whatever waits after a kill is to be answered: how many of them count is another matter, and the operator's to say. */
const EVERYTHING = { maxPerConversation: 10_000 };
/** How long the model thinks, so that a kill mostly meets a turn. */
const THINK_MS = 300;
/** How long a gateway lives at most before it is killed; it needs about 5 s to be ready. */
const LIFE_MS = 15_000;
/** Every other kill comes so soon after an answer of the model, while the answer is on its way. */
const ON_ITS_WAY_MS = 600;
const NEXT_ANSWER_MS = 20_000;
/** OpenIM goes away before so many of the kills, for less and for more than a send waits; half of them meet the kill. */
const OUTAGE_CHANCE = 0.4;
const OUTAGE_MS = 40_000;
/** What waits is worked off one turn after the other; without an answer for so long, the rest is not coming. */
const SILENT_MS = 120_000;
const LAST_ANSWER_MS = 240_000;
const ONLINE_MS = 120_000;

/** What the host tells the model of a turn that a kill interrupted. */
const RESUMED = /previous turn was interrupted by a gateway restart/;

/**
 * A model that answers every `ping <word>` of the conversation that has no `pong <word>` yet, and again what it is asked
 * again. Told that its turn was interrupted, it says again what it had just said: nobody knows whether it got anywhere.
 */
export function answerOpen({ messages, userText }) {
  const said = (roles) =>
    messages
      .filter(({ role }) => roles.includes(role))
      .map(textOf)
      .join("\n");
  const words = (text, verb) => [...text.matchAll(new RegExp(`${verb} ([0-9a-f-]{36})`, "g"))].map(([, word]) => word);
  const answered = new Set(words(said(["assistant"]), "pong"));
  const unanswered = words(said(["user"]), "ping").filter((word) => !answered.has(word));
  const open = new Set([...unanswered, ...words(userText, "ping")]);
  const lastSaid = messages.findLastIndex(({ role }) => role === "assistant");
  if (open.size === 0 && RESUMED.test(userText) && lastSaid >= 0) return { text: textOf(messages[lastSaid]) };
  return { text: open.size > 0 ? [...open].map((word) => `pong ${word}`).join(" ") : "nothing is open" };
}

const textOf = ({ content }) =>
  typeof content === "string" ? content : (content ?? []).map(({ text }) => text).join("\n");

/** Resolves with the verdict on `times` kills. */
export async function gatewayKills({ times, seed }) {
  const chance = seeded(seed);
  const cleanup = new Cleanup();
  const asked = [];
  const answeredBy = [];
  /** @type {(value?: unknown) => void} */
  let answered = () => {};
  try {
    const { server, host } = await startRig(cleanup, {
      name: "kills",
      answer: async (request) => {
        await pause(THINK_MS);
        const reply = answerOpen(request);
        answeredBy.push(reply.text);
        answered();
        return reply;
      },
      serverArgs: ["--user", PERSON, "--user", BOT, "--control"],
      accounts: (server) => ({ [ACCOUNT]: { user: server.user(BOT), allowFrom: [PERSON], offline: EVERYTHING } }),
    });
    const person = await startPerson({ server, user: server.user(PERSON) });
    cleanup.add("the person", () => person.stop());
    const asking = ask(person, asked, chance);
    const recovered = [];
    let heldBack = 0;
    let outages = 0;
    for (let i = 0; i < times; i++) {
      // Some gateways are killed while they start.
      await pause(chance() * LIFE_MS);
      if (i % 2 === 1) {
        await Promise.race([new Promise((resolve) => (answered = resolve)), pause(NEXT_ANSWER_MS)]);
        await pause(chance() * ON_ITS_WAY_MS);
      }
      if (chance() < OUTAGE_CHANCE) {
        outages += 1;
        const ms = Math.ceil(chance() * OUTAGE_MS);
        await away(server, ms);
        if (chance() < 0.5) await pause(ms + chance() * LIFE_MS);
        else await pause(chance() * ms);
      }
      recovered.push(...recoveries(host));
      await host.gateway.stop({ signal: "SIGKILL", graceMs: 0 });
      asking.every(ASK_AWAY_MS);
      const starting = host.start();
      if (chance() < 0.3 && i < times - 1) starting.catch(() => {});
      else {
        await starting;
        heldBack += await online(host);
      }
      asking.every(ASK_EVERY_MS);
    }
    await asking.end();
    await connected(host, ACCOUNT);
    const heard = (word) => person.received.filter(({ text }) => text.includes(`pong ${word}`)).length;
    for (let before = -1, until = 0; asked.some((word) => heard(word) === 0); await pause(200)) {
      if (person.received.length > before) until = performance.now() + SILENT_MS;
      else if (performance.now() > until) break;
      before = person.received.length;
    }
    // One more exchange: whatever would come twice has come by then.
    const last = randomUUID();
    await person.send({ recvID: BOT, text: `ping ${last}` });
    await person.message(({ text }) => text.includes(`pong ${last}`), {
      timeoutMs: LAST_ANSWER_MS,
      what: "the last answer",
    });
    recovered.push(...recoveries(host));
    const answers = await answersOf(server);
    const count = (word) => answers.filter((text) => text.includes(`pong ${word}`)).length;
    const unheard = asked.filter((word) => heard(word) < count(word));
    return verdictOf({ asked, count, unheard, answeredBy, recovered, heldBack, outages, times });
  } finally {
    await cleanup.run();
  }
}

/**
 * Waits for the account. After three deaths within five minutes the host starts no channel by itself; this does what an
 * operator does then, and resolves with whether it was needed.
 */
export async function online(host) {
  let heldBack = 0;
  const end = performance.now() + ONLINE_MS;
  while (performance.now() < end) {
    const status = await host.accountStatus(CHANNEL, ACCOUNT);
    if (status?.connected) break;
    if (heldBack === 0 && /restart-loop breaker/.test(status?.lastError ?? "")) {
      await host.call("channels.start", { channel: CHANNEL, accountId: ACCOUNT });
      heldBack = 1;
    }
    await pause(500);
  }
  return heldBack;
}

/** Cuts the bot off and lets it not connect for a while; the person stays connected. */
async function away({ control }, ms) {
  await control("listener", { port: "ws", state: "refuse", ms });
  await control("cut", { userID: BOT });
}

/** Asks until it is ended. */
function ask(person, asked, chance) {
  let going = true;
  let every = ASK_EVERY_MS;
  const done = (async () => {
    while (going) {
      const word = randomUUID();
      await person.send({ recvID: BOT, text: `ping ${word}` });
      asked.push(word);
      await pause(every * (0.5 + chance()));
    }
  })();
  return {
    every(ms) {
      every = ms;
    },
    async end() {
      going = false;
      await done;
    },
  };
}

/** The bot's words as the server keeps them: what a client was told of is another matter. */
async function answersOf({ control }) {
  const { messages } = await control("stored", { conversationID: `si_${PERSON}_${BOT}`, fromSeq: 1 });
  return messages.filter(({ sendID }) => sendID === BOT).map(({ text }) => text);
}

/** What the host itself says of turns and messages it takes up again after a restart, or gives up. */
const RECOVERY =
  /started interrupted main session|(drained|recovered) delivery|reconciled|refusing blind|retry (failed|budget)/i;
const recoveries = (host) => (host.gateway?.lines ?? []).filter((line) => RECOVERY.test(line));

function verdictOf({ asked, count, unheard, answeredBy, recovered, heldBack, outages, times }) {
  const turnsFor = (word) => answeredBy.filter((text) => text.includes(word)).length;
  const more = asked.filter((word) => count(word) > 1);
  return {
    kills: times,
    /** Times that OpenIM was away. */
    outages,
    asked: asked.length,
    answeredOnce: asked.filter((word) => count(word) === 1).length,
    unanswered: asked.filter((word) => count(word) === 0),
    answeredAgain: more.length,
    /** The model was asked again: the host ran the turn a second time. */
    byASecondTurn: more.filter((word) => turnsFor(word) > 1).length,
    /** The model was asked once: the host sent an answer whose fate it did not know a second time. */
    byASecondSend: more.filter((word) => turnsFor(word) <= 1).length,
    mostAnswers: Math.max(...asked.map(count)),
    /** The server has more answers than the person's client told of. */
    unheard,
    recovered,
    /** Starts at which the host held channels back until it was told to start them. */
    heldBack,
  };
}

/** What a verdict breaks: a question without an answer, or more answered again than a kill can catch in the act. */
export function unanswered({ unanswered, answeredAgain, kills }) {
  return [
    ...(unanswered.length > 0 ? [`${unanswered.length} questions were never answered`] : []),
    ...(answeredAgain > kills ? [`${answeredAgain} questions were answered again, more than kills`] : []),
  ];
}
