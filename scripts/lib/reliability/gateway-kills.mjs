// Kill -9 of a real OpenClaw gateway at random moments while a person keeps asking: what became of each question.
import { randomUUID } from "node:crypto";
import { Cleanup } from "../cleanup.mjs";
import { startPerson } from "../person.mjs";
import { connected, startRig } from "../rig.mjs";
import { pause, seeded } from "./rig.mjs";

const ACCOUNT = "a";
const BOT = "bot_7";
const PERSON = "alice";
/** A question about so often; a turn takes a few tenths of a second, so kills meet the gateway in every state. */
const ASK_EVERY_MS = 700;
/** How long a gateway lives at most before it is killed; it needs about 5 s to be ready. */
const LIFE_MS = 15_000;
const ANSWERED_MS = 240_000;

/** A model that answers every `ping <word>` of the conversation that has no `pong <word>` yet. */
export function answerOpen({ messages }) {
  const said = (roles) =>
    messages
      .filter(({ role }) => roles.includes(role))
      .map(({ content }) =>
        typeof content === "string" ? content : (content ?? []).map(({ text }) => text).join("\n"),
      )
      .join("\n");
  const words = (text, verb) => [...text.matchAll(new RegExp(`${verb} ([0-9a-f-]{36})`, "g"))].map(([, word]) => word);
  const answered = new Set(words(said(["assistant"]), "pong"));
  const open = new Set(words(said(["user"]), "ping").filter((word) => !answered.has(word)));
  return { text: open.size > 0 ? [...open].map((word) => `pong ${word}`).join(" ") : "nothing is open" };
}

/** Resolves with the verdict on `times` kills. */
export async function gatewayKills({ times, seed }) {
  const chance = seeded(seed);
  const cleanup = new Cleanup();
  const asked = [];
  const answeredBy = [];
  try {
    const { server, host } = await startRig(cleanup, {
      name: "kills",
      answer: (request) => {
        const reply = answerOpen(request);
        answeredBy.push(reply.text);
        return reply;
      },
      serverArgs: ["--user", PERSON, "--user", BOT],
      accounts: (server) => ({ [ACCOUNT]: { user: server.user(BOT), allowFrom: [PERSON] } }),
    });
    const person = await startPerson({ server, user: server.user(PERSON) });
    cleanup.add("the person", () => person.stop());
    const asking = ask(person, asked, chance);
    const recovered = [];
    for (let i = 0; i < times; i++) {
      // Some gateways are killed while they start.
      await pause(chance() * LIFE_MS);
      recovered.push(...recoveries(host));
      await host.gateway.stop({ signal: "SIGKILL", graceMs: 0 });
      const starting = host.start();
      if (chance() < 0.3 && i < times - 1) starting.catch(() => {});
      else await starting;
    }
    await asking.end();
    await connected(host, ACCOUNT);
    const count = (word) => person.received.filter(({ text }) => text.includes(`pong ${word}`)).length;
    const until = performance.now() + ANSWERED_MS;
    while (asked.some((word) => count(word) === 0) && performance.now() < until) await pause(200);
    // One more exchange: whatever would come twice has come by then.
    const last = randomUUID();
    await person.send({ recvID: BOT, text: `ping ${last}` });
    await person.message(({ text }) => text.includes(`pong ${last}`), {
      timeoutMs: ANSWERED_MS,
      what: "the last answer",
    });
    recovered.push(...recoveries(host));
    return verdictOf({ asked, count, answeredBy, recovered, times });
  } finally {
    await cleanup.run();
  }
}

/** Asks until it is ended. */
function ask(person, asked, chance) {
  let going = true;
  const done = (async () => {
    while (going) {
      const word = randomUUID();
      await person.send({ recvID: BOT, text: `ping ${word}` });
      asked.push(word);
      await pause(ASK_EVERY_MS * (0.5 + chance()));
    }
  })();
  return {
    async end() {
      going = false;
      await done;
    },
  };
}

/** What the host itself says of turns and messages it takes up again after a restart. */
const recoveries = (host) => (host.gateway?.lines ?? []).filter((line) => /recover|interrupted|resum/i.test(line));

function verdictOf({ asked, count, answeredBy, recovered, times }) {
  const turnsFor = (word) => answeredBy.filter((text) => text.includes(word)).length;
  const more = asked.filter((word) => count(word) > 1);
  return {
    kills: times,
    asked: asked.length,
    answeredOnce: asked.filter((word) => count(word) === 1).length,
    unanswered: asked.filter((word) => count(word) === 0),
    answeredAgain: more.length,
    /** The model was asked again: the host ran the turn a second time. */
    byASecondTurn: more.filter((word) => turnsFor(word) > 1).length,
    /** The model was asked once: the host sent an answer whose fate it did not know a second time. */
    byASecondSend: more.filter((word) => turnsFor(word) <= 1).length,
    mostAnswers: Math.max(...asked.map(count)),
    recovered,
  };
}
