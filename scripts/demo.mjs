// `npm run demo`: a person writes to a bot through a real OpenClaw gateway. With `-- --once` it ends after one exchange in
// a direct chat and one in a group; without, it stays up and says how to chat. `--built` takes what is built already.
import { randomInt } from "node:crypto";
import { buildAddon, buildDevServer, buildPlugin, ensureDependencies } from "./lib/build.mjs";
import { Cleanup } from "./lib/cleanup.mjs";
import { startPerson } from "./lib/person.mjs";
import { startRig } from "./lib/rig.mjs";
import { Failure, main, say, step } from "./lib/steps.mjs";

const BOT = "bot_7";
const PERSON = "alice";
const GROUP = "g100";
const ACCOUNT = "demo";
const ANSWER_MS = 90_000;

/** The scripted model: it multiplies what it is asked to, so that an answer proves that the question arrived. */
function answer({ userText }) {
  const question = /(\d+) times (\d+)/.exec(userText);
  if (!question) return { text: "Ask me for a product, for example: what is 6 times 7?" };
  const [, a, b] = question;
  return { text: `${a} times ${b} is ${Number(a) * Number(b)}.` };
}

/**
 * One question and its answer; returns both as lines of the transcript.
 *
 * @param {any} person
 * @param {string} bot
 * @param {{ where: string, to: { recvID?: string, groupID?: string }, before?: string, mention?: { userID: string }[] }} chat
 */
async function exchange(person, bot, { where, to, before = "", mention = [] }) {
  const [a, b] = [randomInt(11, 99), randomInt(11, 99)];
  const text = `${before}what is ${a} times ${b}?`;
  await person.send({ ...to, text, mention });
  const expected = String(a * b);
  const reply = await person.message(
    (message) => message.sendID === bot && (to.groupID ?? "") === message.groupID && message.text.includes(expected),
    { timeoutMs: ANSWER_MS, what: `the bot's answer in the ${where}` },
  );
  return [`[${where}] ${person.userID}: ${text}`, `[${where}] ${bot}: ${reply.text}`];
}

function howToGoOn({ server, host }) {
  const bob = server.user("bob");
  say(`
Everything is up. Chat with the bot as bob, with any OpenIM client or the SDK:

  wsAddr      ${server.wsAddr}
  apiAddr     ${server.apiAddr}
  userID      bob   (platformID ${bob.platformID})
  token       ${bob.token}
  write to    ${BOT}, or to the group ${GROUP} with a mention of ${BOT}

The gateway runs with a state of its own in ${host.dir}; its log is ${host.gateway.log}.
Ctrl-C stops everything and removes it.`);
}

await main(async () => {
  const once = process.argv.includes("--once");
  const built = process.argv.includes("--built");
  const cleanup = new Cleanup();
  cleanup.onSignals();
  try {
    await ensureDependencies();
    if (!built) {
      await buildAddon();
      await buildPlugin();
    }
    const serverBinary = await buildDevServer();
    const rig = await startRig(cleanup, {
      answer,
      serverBinary,
      accounts: (server) => ({ [ACCOUNT]: { user: server.user(BOT), inboundWhitelist: [PERSON, "bob"] } }),
    });
    const { server, host } = rig;
    const person = await step("A person logs in with the genuine OpenIM SDK", () =>
      startPerson({ server, user: server.user(PERSON) }),
    );
    cleanup.add("the person", () => person.stop());
    const direct = await step("They talk in a direct chat", () =>
      exchange(person, BOT, { where: "direct chat", to: { recvID: BOT } }),
    );
    const group = await step("They talk in a group", () =>
      exchange(person, BOT, {
        where: `group ${GROUP}`,
        to: { groupID: GROUP },
        before: `@${BOT} `,
        mention: [{ userID: BOT }],
      }),
    );
    say(`\n${[...direct, ...group].join("\n")}\n`);
    if (once) return 0;
    howToGoOn(rig);
    await host.gateway.exited;
    if (!cleanup.interrupted) throw new Failure("the gateway ended by itself", { log: host.gateway.log });
  } catch (error) {
    if (!cleanup.interrupted) throw error;
  } finally {
    if (cleanup.interrupted) await cleanup.run();
    else await step("Stopping everything", () => cleanup.run());
  }
});
