// Registers the plugin's channel in the host's registry of this process, so that the host's own functions find it.
import { channelPlugin } from "../../../dist/channel.js";

const REGISTRY = Symbol.for("openclaw.pluginRegistryState");

export function registerChannel() {
  globalThis[REGISTRY] = { activeRegistry: { channels: [{ plugin: channelPlugin }] }, activeVersion: 1 };
}

const jwt = (claims) => ["h", Buffer.from(JSON.stringify(claims)).toString("base64url"), "s"].join(".");

/** An account block on a server of this name. */
export const accountOn = (server, more = {}) => ({
  token: jwt({ UserID: "bot", PlatformID: 5 }),
  wsAddr: `ws://${server}:10001`,
  apiAddr: `http://${server}:10002`,
  ...more,
});

/** A configuration of the host with these accounts. */
export const configOf = (accounts, rest = {}) => ({
  agents: { entries: { main: {} } },
  channels: { "multi-openim": { accounts } },
  ...rest,
});
