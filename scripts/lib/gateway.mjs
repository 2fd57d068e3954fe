// A private OpenClaw: its own home, state and config in an unguessable folder, its command line, and the gateway in the foreground.
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ensureDependencies } from "./build.mjs";
import { MODEL_KEY } from "./model.mjs";
import { folder, fromRoot } from "./paths.mjs";
import { cleanEnv, Process, run } from "./processes.mjs";
import { Failure } from "./steps.mjs";

const CLI_MS = 120_000;
// 5 s on an idle machine; a busy one takes its time.
const READY_MS = 180_000;
const STOP_MS = 20_000;

/** Makes the private state. Nothing of the user's own OpenClaw is read or written; `remove()` deletes it all. */
export async function createHost({ name = "openclaw" } = {}) {
  const node = await ensureDependencies();
  const dir = mkdtempSync(join(tmpdir(), `multi-openim-${randomBytes(8).toString("hex")}-`));
  chmodSync(dir, 0o700);
  return new Host({ node, dir, name, port: await freePort() });
}

class Host {
  #node;
  #name;
  #gateway;
  #runs = 0;

  constructor({ node, dir, name, port }) {
    this.#node = node;
    this.#name = name;
    this.dir = dir;
    this.port = port;
    this.token = randomBytes(24).toString("hex");
    this.configPath = join(dir, "openclaw.json");
    this.stateDir = folder(dir, "state");
    this.workspace = folder(dir, "workspace");
    this.home = folder(dir, "home");
    this.temp = folder(dir, "temp");
  }

  /** The environment of every host process: nothing of the user's own OpenClaw, npm or model accounts gets in. */
  env(extra = {}) {
    /** @type {NodeJS.ProcessEnv} */
    const env = cleanEnv();
    for (const key of Object.keys(env))
      if (/^(OPENCLAW|OPENAI|ANTHROPIC|CLAUDE)/i.test(key) || /^npm_/i.test(key)) delete env[key];
    return {
      ...env,
      HOME: this.home,
      USERPROFILE: this.home,
      XDG_CONFIG_HOME: join(this.home, ".config"),
      XDG_CACHE_HOME: join(this.home, ".cache"),
      TMPDIR: this.temp,
      TEMP: this.temp,
      TMP: this.temp,
      OPENCLAW_STATE_DIR: this.stateDir,
      OPENCLAW_CONFIG_PATH: this.configPath,
      OPENCLAW_HIDE_BANNER: "1",
      NO_COLOR: "1",
      PATH: `${join(this.#node, "..")}${delimiter}${env.PATH}`,
      ...extra,
    };
  }

  /** The config a gateway needs before any plugin: loopback, a token, the scripted model, a private workspace. */
  baseConfig({ modelUrl }) {
    const free = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
    return {
      gateway: { mode: "local", port: this.port, bind: "loopback", auth: { mode: "token", token: this.token } },
      models: {
        mode: "merge",
        providers: {
          scripted: {
            baseUrl: modelUrl,
            apiKey: MODEL_KEY,
            api: "openai-completions",
            models: [
              {
                id: "rules",
                name: "Rules",
                contextWindow: 128_000,
                maxTokens: 4_096,
                input: ["text"],
                reasoning: false,
                cost: free,
              },
            ],
          },
        },
      },
      agents: { defaults: { model: { primary: "scripted/rules" }, workspace: this.workspace, skipBootstrap: true } },
      logging: { file: join(this.dir, "openclaw.log") },
      update: { checkOnStart: false },
    };
  }

  get config() {
    return JSON.parse(readFileSync(this.configPath, "utf8"));
  }

  writeConfig(value) {
    writeFileSync(this.configPath, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  }

  /**
   * Runs `openclaw …`; resolves with what it printed.
   *
   * @param {string[]} args
   * @param {{ env?: NodeJS.ProcessEnv, okCodes?: number[], remedy?: string, timeoutMs?: number }} [options]
   */
  cli(args, { env, okCodes, remedy, timeoutMs = CLI_MS } = {}) {
    const name = `${this.#name}-${args
      .filter((arg) => /^[a-z]+$/.test(arg))
      .slice(0, 2)
      .join("-")}-${++this.#runs}`;
    return run(this.#node, [openclawEntry(), ...args], {
      name,
      cwd: this.workspace,
      env: this.env(env),
      okCodes,
      remedy,
      timeoutMs,
    });
  }

  /** Installs a package from a registry as an operator would; the installer never runs package scripts. */
  installPlugin(packageName, registryUrl) {
    const env = {
      npm_config_registry: registryUrl,
      npm_config_ignore_scripts: "true",
      npm_config_audit: "false",
      npm_config_fund: "false",
    };
    return this.cli(["plugins", "install", `npm:${packageName}`, "--force", "--accept-capabilities"], { env });
  }

  /**
   * Starts the gateway in the foreground and resolves when it serves.
   *
   * @param {{ env?: NodeJS.ProcessEnv }} [options]
   */
  async start({ env } = {}) {
    const args = [openclawEntry(), "gateway", "--port", String(this.port)];
    const remedy = `the state is in ${this.dir} while this runs; the log says what the gateway did not like`;
    this.#gateway = new Process(`${this.#name}-gateway`, this.#node, args, {
      cwd: this.workspace,
      env: this.env(env),
      group: true,
      remedy,
    });
    await this.#gateway.line(
      (line) => (/\[gateway\] ((gateway )?ready\b|startup outcomes:)/i.test(line) ? true : undefined),
      {
        timeoutMs: READY_MS,
        what: "the gateway getting ready",
      },
    );
    return this.#gateway;
  }

  get gateway() {
    return this.#gateway;
  }

  /** Calls a gateway method; resolves with its JSON answer. */
  async call(method, params) {
    const args = ["gateway", "call", method, "--json", ...(params ? ["--params", JSON.stringify(params)] : [])];
    return jsonIn(await this.cli(args));
  }

  /** One account's status as the running gateway tells it, or undefined. */
  async accountStatus(channel, accountId) {
    const status = await this.call("channels.status", {});
    return (status.channelAccounts?.[channel] ?? []).find((account) => account.accountId === accountId);
  }

  async stop() {
    await this.#gateway?.stop({ graceMs: STOP_MS });
    this.#gateway = undefined;
  }

  /** Folders that plugin loading left in the state; for tests that count them. */
  captures() {
    const dir = join(this.stateDir, "tmp", "plugin-captures");
    return existsSync(dir) ? readdirSync(dir) : [];
  }

  async remove() {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const openclawEntry = () => fromRoot("node_modules", "openclaw", "openclaw.mjs");

/** The first JSON document in what a command printed. */
export function jsonIn(text) {
  const at = text.search(/[{[]/);
  if (at < 0) throw new Failure(`expected JSON, got: ${text.slice(0, 200)}`);
  return JSON.parse(text.slice(at));
}

/** A loopback port that was free a moment ago; the host wants a number in its config. */
async function freePort() {
  const probe = createServer();
  await new Promise((resolve, reject) => {
    probe.once("error", reject).listen(0, "127.0.0.1", () => resolve(undefined));
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
