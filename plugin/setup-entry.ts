// The light entry point: status, listing and checks, before or without a running channel.

import { defineSetupPluginEntry } from "openclaw/plugin-sdk/channel-core";

import { channelPlugin } from "./channel.js";

export default defineSetupPluginEntry(channelPlugin);
