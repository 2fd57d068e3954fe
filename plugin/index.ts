// The plugin's entry point.

import { defineChannelPluginEntry } from "openclaw/plugin-sdk/channel-core";

import { channelPlugin } from "./channel.js";
import { setRuntime } from "./host.js";
import { DESCRIPTION, LABEL, PLUGIN_ID } from "./names.js";

export default defineChannelPluginEntry({
  id: PLUGIN_ID,
  name: LABEL,
  description: DESCRIPTION,
  plugin: channelPlugin,
  setRuntime,
});
