// `npm run bench:upload`: a file goes through the dev server's object storage, from our client and from the genuine JS SDK
// by turns, each in a process of its own. Told are the longest time JavaScript stood still, the processor time its thread
// took (which other load on the machine does not touch), how much the process grew at its peak, and the time. Needs a built addon; `--mib N` and `--rounds N` change the size and how often.
import { ensureNode24 } from "../scripts/lib/node24.mjs";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const MIB = 1 << 20;
const SIDES = ["ours", "sdk"];

/** Logs in, and returns what uploads a file and what leaves again. */
const clients = {
  async ours({ wsAddr, apiAddr, token }) {
    const { OpenImClient } = await import("../loader.js");
    const client = new OpenImClient(() => {});
    await client.login({ token, wsAddr, apiAddr });
    return { upload: (path) => client.uploadFile({ path }), leave: () => client.logout() };
  },
  async sdk({ wsAddr, apiAddr, token, userID }) {
    await import("../__test__/sdk/filereader.mjs");
    const { getSDK, CbEvents } = createRequire(import.meta.url)("@openim/client-sdk");
    const sdk = getSDK();
    const synced = new Promise((resolve) => sdk.on(CbEvents.OnSyncServerFinish, resolve));
    await sdk.login({ userID, token, platformID: 5, wsAddr, apiAddr, logLevel: 5 });
    await synced;
    // It takes a File, so the file is read first, as a plugin has to.
    const upload = async (path) => (await sdk.uploadFile({ file: new File([readFileSync(path)], "bench.bin") })).data;
    return { upload, leave: () => sdk.logout() };
  },
};

/** One upload in this process, told as a line of JSON. */
async function play({ side, path, login }) {
  const { upload, leave } = await clients[side](login);
  await new Promise((resolve) => setTimeout(resolve, 300));
  globalThis.gc?.();
  const peak = peakFromNow();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const busy = process.threadCpuUsage();
  const began = performance.now();
  const { url, instant = false } = await upload(path);
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.threadCpuUsage(busy);
  // A stand-still is noted when the loop comes round again.
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.disable();
  const grown = peak();
  const line = {
    blockMs: delay.max / 1e6,
    threadMs: (user + system) / 1e3,
    grownMiB: grown / MIB,
    seconds,
    url,
    instant,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`, () => leave().finally(() => process.exit(0)));
}

/** By how many bytes the process has been larger than it is now, at the most. Linux can forget earlier peaks. */
function peakFromNow() {
  const now = process.memoryUsage.rss();
  try {
    writeFileSync("/proc/self/clear_refs", "5");
    return () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1_024 - now;
  } catch {
    return () => process.resourceUsage().maxRSS * 1_024 - now;
  }
}

async function inProcess(props) {
  // Only newer ones tell the time of a single thread.
  const child = spawn(await ensureNode24(), ["--expose-gc", fileURLToPath(import.meta.url)], {
    env: { ...process.env, UPLOAD_BENCH: JSON.stringify(props) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    let printed = "";
    child.stdout.on("data", (chunk) => (printed += chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const line = printed.split("\n").find((one) => one.startsWith("{"));
      if (code !== 0 || !line) reject(new Error(`${props.side} ended with ${code}: ${printed.slice(0, 500)}`));
      else resolve(JSON.parse(line));
    });
  });
}

/** A file the server has not seen before. */
function write(path, mib) {
  const file = openSync(path, "w");
  for (let n = 0; n < mib; n += 1) writeSync(file, randomBytes(MIB));
  closeSync(file);
}

async function arrived(url, path) {
  const answer = await fetch(url);
  const content = readFileSync(path);
  let at = 0;
  for await (const chunk of answer.body ?? []) {
    if (!content.subarray(at, at + chunk.length).equals(chunk)) throw new Error(`${url} differs at ${at}`);
    at += chunk.length;
  }
  if (at !== content.length) throw new Error(`${url} has ${at} bytes of ${content.length}`);
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function compare() {
  const { values } = parseArgs({ options: { mib: { type: "string" }, rounds: { type: "string" } } });
  const mib = Number(values.mib ?? 256);
  const rounds = Number(values.rounds ?? 3);
  const { startDevServer } = await import("../scripts/lib/devserver.mjs");
  const server = await startDevServer();
  const dir = mkdtempSync(join(tmpdir(), "upload-bench-"));
  const seen = { ours: [], sdk: [] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
        const path = join(dir, "bench.bin");
        write(path, mib);
        const { wsAddr, apiAddr } = server;
        const login = { wsAddr, apiAddr, userID: "bot_7", token: server.user("bot_7").token };
        const run = await inProcess({ side, path, login });
        if (run.instant) throw new Error("the server knew the file already");
        await arrived(run.url, path);
        seen[side].push(run);
        const { blockMs, threadMs, grownMiB, seconds } = run;
        console.log(
          `${side.padEnd(4)}  stood still ${blockMs.toFixed(1)} ms  thread ${threadMs.toFixed(0)} ms  grew ${grownMiB.toFixed(0)} MiB  took ${seconds.toFixed(2)} s`,
        );
      }
    }
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  const of = (side, what) => median(seen[side].map((run) => run[what]));
  const ratio = (what) => (of("sdk", what) / of("ours", what)).toFixed(1);
  console.log(
    `${mib} MiB, medians of ${rounds}: the SDK stands still ${ratio("blockMs")} times as long, takes ${ratio("threadMs")} times the thread's time, grows ${ratio("grownMiB")} times as much and takes ${ratio("seconds")} times as long`,
  );
}

const props = process.env.UPLOAD_BENCH;
await (props ? play(JSON.parse(props)) : compare());
