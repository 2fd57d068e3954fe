// The names this plugin answers to, and the texts the host shows before anything is loaded.

import { createRequire } from "node:module";

export const PLUGIN_ID = "multi-openim-channel";
export const CHANNEL_ID = "multi-openim";
export const LABEL = "Multi-OpenIM";
export const DESCRIPTION = "OpenIM for OpenClaw: several accounts on several servers, side by side.";

/** Prefixes a target may carry: the channel id and its aliases. */
export const ALIASES = ["multi-openim", "multi-openim-im", "mopenim"] as const;

/** Tags of log lines, the same as those of the native side. */
export const LIFECYCLE_TAG = `[${CHANNEL_ID}:lifecycle]`;
export const INBOUND_TAG = `[${CHANNEL_ID}:inbound]`;
export const TOKEN_TAG = `[${CHANNEL_ID}:token]`;

export const META = {
  id: CHANNEL_ID,
  label: LABEL,
  selectionLabel: LABEL,
  docsPath: "/channels/multi-openim",
  blurb: "OpenIM channel with several accounts, several servers and config-driven token refresh.",
  aliases: [...ALIASES],
};

/** The version of this package; the addon must have the same. */
export const VERSION: string = (createRequire(import.meta.url)("../package.json") as { version: string }).version;
