// `node scripts/smoke.mjs DIR`: installs the packed tarballs of DIR from a loopback registry into an empty folder, with
// scripts off, and uses the addon there. Needs Node and npm only; the release runs it on every system.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { npm } from "./lib/npm.mjs";
import { manifest } from "./lib/paths.mjs";
import { run } from "./lib/processes.mjs";
import { startRegistry } from "./lib/registry.mjs";
import { Failure, main, say, step } from "./lib/steps.mjs";

/** What must work anywhere: load, describe, refuse a login nobody answers with a classified error, end by itself. */
const PROGRAM = `
import { addonVersion, createChannelPlugin, OpenImClient, parseTarget } from "${manifest.name}";
const client = new OpenImClient(() => {});
const nobody = { userID: "u", token: "t", wsAddr: "ws://127.0.0.1:9", apiAddr: "http://127.0.0.1:9" };
const error = await client.login(nobody).then(() => null, (failure) => failure);
await client.logout();
const plugin = createChannelPlugin({ channel: { accounts: {} }, logger: console });
console.log(JSON.stringify({ version: addonVersion(), code: error?.code, id: plugin.id, target: parseTarget("group:g1") }));
`;

await main(async () => {
  const dir = resolve(process.argv[2] ?? "packed");
  const tarballs = readdirSync(dir).filter((file) => file.endsWith(".tgz"));
  if (tarballs.length === 0)
    throw new Failure(`${dir} holds no tarballs`, { remedy: `\`npm run pack -- --into ${dir}\`` });
  const registry = await startRegistry(tarballs.map((file) => join(dir, file)));
  const folder = mkdtempSync(join(tmpdir(), "multi-openim-smoke-"));
  try {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "smoke", private: true, type: "module" }));
    writeFileSync(join(folder, "smoke.mjs"), PROGRAM);
    const env = { npm_config_registry: registry.url, npm_config_cache: join(folder, ".npm") };
    await step("Installing", () =>
      npm(["install", "--ignore-scripts", "--omit=peer", "--no-audit", "--no-fund", manifest.name], {
        cwd: folder,
        env,
      }),
    );
    const printed = await step("Using it", () =>
      run(process.execPath, ["smoke.mjs"], { cwd: folder, name: "smoke", timeoutMs: 60_000 }),
    );
    const { version, code, id, target } = JSON.parse(printed.trim().split("\n").pop());
    say(
      `${process.platform} ${process.arch}, Node ${process.version}: addon ${version}, ${id}, a refused login is ${code}`,
    );
    const good =
      version === manifest.version && /^OPENIM_/.test(code) && id === "multi-openim" && target?.kind === "group";
    if (!good) throw new Failure(`that is not what it should say: ${printed}`);
  } finally {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
