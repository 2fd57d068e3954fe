// The plugin's entry point.

import { defineChannelPluginEntry } from "openclaw/plugin-sdk/channel-core";

import { channelPlugin } from "./channel.js";
import { setRuntime } from "./host.js";
import { DESCRIPTION, LABEL, PLUGIN_ID } from "./names.js";
import { registerRefreshCommand, registerRefreshMethod } from "./setup/refresh.js";
import { createTools, TOOL_NAMES } from "./adapters/tools.js";
import { configWarnings, warnOnce } from "./status/warnings.js";

export default defineChannelPluginEntry({
  id: PLUGIN_ID,
  name: LABEL,
  description: DESCRIPTION,
  plugin: channelPlugin,
  setRuntime,
  registerCliMetadata: registerRefreshCommand,
  registerFull: (api) => {
    // Also for accounts that lack too much to be started. Tool discovery is another evaluation and would repeat it.
    if (api.registrationMode === "full") warnOnce(api.logger, configWarnings(api.config));
    registerRefreshMethod(api);
    api.registerTool(createTools, { names: [...TOOL_NAMES], optional: true });
  },
});
