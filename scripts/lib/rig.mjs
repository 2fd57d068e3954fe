// The whole stage, shared by the demo and the host tests: dev server, scripted model, a private OpenClaw with our plugin
// installed from its packed tarballs through a loopback registry, and the gateway running.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDevServer } from "./devserver.mjs";
import { createHost } from "./gateway.mjs";
import { startModel } from "./model.mjs";
import { packAll } from "./pack.mjs";
import { manifest } from "./paths.mjs";
import { startRegistry, tarballManifest } from "./registry.mjs";
import { Failure, step } from "./steps.mjs";

export const CHANNEL = "multi-openim";
export const PLUGIN = manifest.name;
const CONNECT_MS = 60_000;
const POLL_MS = 500;

/** Serves the tarballs of the folder OPENIM_PACKED, or packs the plugin; expects `npm run build` to have run. */
export async function startPackedRegistry(cleanup) {
  const packed = process.env.OPENIM_PACKED ? packedIn(process.env.OPENIM_PACKED) : await packForOneRun(cleanup);
  const registry = await startRegistry([packed.main, ...packed.platforms]);
  cleanup.add("the registry", () => registry.stop());
  return { ...registry, packed };
}

function packForOneRun(cleanup) {
  const dir = mkdtempSync(join(tmpdir(), "multi-openim-packed-"));
  cleanup.add("the packed tarballs", () => rmSync(dir, { recursive: true, force: true }));
  return packAll(dir);
}

/** What `packAll` has put into a folder. */
function packedIn(dir) {
  const tarballs = readdirSync(dir).map((file) => join(dir, file));
  const isMain = (path) => tarballManifest(path).name === PLUGIN;
  return { main: tarballs.find(isMain), platforms: tarballs.filter((path) => !isMain(path)) };
}

/**
 * A private OpenClaw with the plugin installed from a running registry; not configured yet.
 *
 * @param {import("./cleanup.mjs").Cleanup} cleanup
 * @param {{ modelUrl: string, registry: { url: string }, name?: string }} options
 */
export async function installedHost(cleanup, { modelUrl, registry, name }) {
  const host = await createHost({ name });
  cleanup.add("the private OpenClaw", () => host.remove());
  host.writeConfig(host.baseConfig({ modelUrl }));
  await host.installPlugin(PLUGIN, registry.url);
  return host;
}

/** The channel block for accounts of the dev server: `{ accountId: { user, ...options } }`. */
export function channelBlock(server, accounts, options = {}) {
  const block = ({ user, ...rest }) => ({
    token: user.token,
    userID: user.userID,
    platformID: user.platformID,
    wsAddr: server.wsAddr,
    apiAddr: server.apiAddr,
    ...rest,
  });
  return {
    enabled: true,
    ...options,
    accounts: Object.fromEntries(Object.entries(accounts).map(([id, account]) => [id, block(account)])),
  };
}

/** Writes the channel block into the host's config and lets the plugin run; install first, configure after. */
export function configure(host, block) {
  const config = host.config;
  host.writeConfig({
    ...config,
    channels: { ...config.channels, [CHANNEL]: block },
    plugins: {
      ...config.plugins,
      allow: [...new Set([...(config.plugins?.allow ?? []), PLUGIN])],
      entries: { ...config.plugins?.entries, [PLUGIN]: { ...config.plugins?.entries?.[PLUGIN], enabled: true } },
    },
  });
}

/** Waits until the gateway says that the account is connected. */
export async function connected(host, accountId, { timeoutMs = CONNECT_MS } = {}) {
  const until = performance.now() + timeoutMs;
  let status;
  do {
    status = await host.accountStatus(CHANNEL, accountId);
    if (status?.connected) return status;
    if (host.gateway.ended) break;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  } while (performance.now() < until);
  throw new Failure(`account ${accountId} did not connect; its status: ${JSON.stringify(status ?? null)}`, {
    log: host.gateway.log,
    remedy: "the status and the gateway's log name the reason",
  });
}

/**
 * Everything at once. `accounts` is a function of the dev server, whose tokens it needs.
 *
 * @param {import("./cleanup.mjs").Cleanup} cleanup
 * @param {{
 *   answer: (request: any) => any, accounts: (server: any) => Record<string, any>, channel?: object,
 *   serverBinary?: string, serverArgs?: string[], name?: string,
 * }} options
 */
export async function startRig(cleanup, { answer, accounts, channel = {}, serverBinary, serverArgs = [], name }) {
  const server = await step("Starting the OpenIM dev server", () =>
    startDevServer({ binary: serverBinary, args: serverArgs }),
  );
  cleanup.add("the dev server", () => server.stop());
  const model = await step("Starting the scripted model", () => startModel({ answer }));
  cleanup.add("the model", () => model.stop());
  const registry = await step("Packing the plugin and serving it from a loopback registry", () =>
    startPackedRegistry(cleanup),
  );
  const host = await step("Installing the plugin into a private OpenClaw", () =>
    installedHost(cleanup, { modelUrl: model.baseUrl, registry, name }),
  );
  const wanted = accounts(server);
  configure(host, channelBlock(server, wanted, channel));
  await step("Starting the gateway", () => host.start());
  await step("Waiting for the bot to be online", () =>
    Promise.all(Object.keys(wanted).map((accountId) => connected(host, accountId))),
  );
  return { server, model, registry, host };
}
