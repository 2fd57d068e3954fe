// The package's entry: the addon, or one sentence that says what is missing and how to get it. Works with `import` and,
// from Node 20.19 on, with `require`.
import { restore } from "./native-check.js";

export { OpenImClient, RefreshManager, addonVersion, createChannelPlugin, parseTarget, shutdownAll } from "./index.js";

restore();
