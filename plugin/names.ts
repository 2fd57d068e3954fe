// The names of the plugin and the texts the host shows before anything is loaded. Pure: the addon's script uses it as well.

export const PLUGIN_ID = "multi-openim-channel";
export const CHANNEL_ID = "multi-openim";
export const LABEL = "Multi-OpenIM";
export const DESCRIPTION = "OpenIM for OpenClaw: several accounts on several servers, side by side.";

/** Prefixes a target may carry: the channel id and its aliases. */
export const ALIASES = ["multi-openim", "multi-openim-im", "mopenim"] as const;

/** Tags of log lines. */
export const CONFIG_TAG = `[${CHANNEL_ID}:config]`;
export const LIFECYCLE_TAG = `[${CHANNEL_ID}:lifecycle]`;
export const INBOUND_TAG = `[${CHANNEL_ID}:inbound]`;
export const TOKEN_TAG = `[${CHANNEL_ID}:token]`;

export const META = {
  id: CHANNEL_ID,
  label: LABEL,
  selectionLabel: LABEL,
  docsPath: `/channels/${CHANNEL_ID}`,
  blurb: "OpenIM channel with several accounts, several servers and config-driven token refresh.",
  aliases: [...ALIASES],
};

export const CAPABILITIES: { chatTypes: ("direct" | "group")[] } = { chatTypes: ["direct", "group"] };
