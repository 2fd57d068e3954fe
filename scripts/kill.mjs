// `npm run kill`: real processes under trouble. `-- --times N` kills a process N times (20), with `--gateway` a whole OpenClaw
// gateway instead, also during outages of OpenIM. `--cuts N` cuts connections, `--starts N` starts and stops a client,
// `--block S` blocks JavaScript for S seconds; `--seed N` repeats a run.
import { parseArgs } from "node:util";
import { buildAddon, buildDevServer, buildPlugin, ensureDependencies } from "./lib/build.mjs";
import { blocked } from "./lib/reliability/blocked.mjs";
import { cuts } from "./lib/reliability/cuts.mjs";
import { gatewayKills, unanswered } from "./lib/reliability/gateway-kills.mjs";
import { broken } from "./lib/reliability/history.mjs";
import { BLOCKED_GROWTH_MAX, grown } from "./lib/reliability/holdings.mjs";
import { kills } from "./lib/reliability/kills.mjs";
import { starts } from "./lib/reliability/starts.mjs";
import { Failure, main, say, step } from "./lib/steps.mjs";

const KILLS = 20;
const RATE = 1_000;

function options() {
  const number = /** @type {const} */ ({ type: "string" });
  const { values } = parseArgs({
    options: { times: number, cuts: number, starts: number, block: number, seed: number, gateway: { type: "boolean" } },
  });
  const { gateway, ...numbers } = values;
  const given = Object.entries(numbers).map(([name, text]) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new Failure(`--${name} ${text} is not a number above 0`, {
        remedy: "see the first lines of scripts/kill.mjs",
      });
    }
    return [name, value];
  });
  /** @type {Record<string, number>} */
  const all = Object.fromEntries(given);
  if (!all.times && !all.cuts && !all.starts && !all.block) all.times = KILLS;
  if (gateway) {
    all.gateway = all.times;
    delete all.times;
  }
  all.seed ??= (Date.now() % 1_000_000) + 1;
  return all;
}

/**
 * Each returns a title, the work, and what the verdict breaks.
 *
 * @type {Record<string, (amount: number, seed: number) => [string, () => Promise<any>, (verdict: any) => string[]]>}
 */
const PARTS = {
  times: (times, seed) => [`${times} kills`, () => kills({ times, seed }), (verdict) => broken(verdict)],
  gateway: (times, seed) => [`${times} kills of a gateway`, () => gatewayKills({ times, seed }), unanswered],
  cuts: (times, seed) => [
    `${times} cuts`,
    () => cuts({ times, seed }),
    (verdict) => [...broken(verdict, { exactlyOnce: true }), ...grown(verdict)],
  ],
  starts: (times) => [`${times} starts and stops`, () => starts({ times }), grown],
  block: (seconds) => [
    `JavaScript blocked for ${seconds} s under ${RATE} messages a second`,
    () => blocked({ seconds, rate: RATE }),
    (verdict) => [
      ...broken(verdict, { exactlyOnce: true }),
      ...(verdict.newLogins > 0 || !verdict.alwaysConnected ? ["the connection did not stay"] : []),
      ...(Math.max(verdict.grownWhileBlocked, verdict.grownWhileDraining) > BLOCKED_GROWTH_MAX ? ["memory grew"] : []),
    ],
  ],
};

await main(async () => {
  const asked = options();
  await ensureDependencies();
  await buildAddon();
  if (asked.gateway) {
    await buildPlugin();
    process.env.OPENIM_DEV_SERVER = await buildDevServer();
  }
  say(`seed ${asked.seed}`);
  let failures = 0;
  for (const [name, part] of Object.entries(PARTS)) {
    if (!asked[name]) continue;
    const [title, work, faults] = part(asked[name], asked.seed);
    const verdict = await step(title, work);
    const said = faults(verdict);
    const short = (_, value) => (Array.isArray(value) ? value.length : value);
    say(JSON.stringify(verdict, short, 2));
    for (const fault of said) say(`✗ ${fault}`);
    failures += said.length;
  }
  return failures > 0 ? 1 : 0;
});
