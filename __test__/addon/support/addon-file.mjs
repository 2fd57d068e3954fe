// The binary that loader.js takes here, as a file: for tests that copy it, load it twice or give it to workers.
import { createRequire } from "node:module";
import "../../../loader.js";

const require = createRequire(import.meta.url);

/** Its path. */
export const addonFile =
  process.env.NAPI_RS_NATIVE_LIBRARY_PATH ??
  Object.keys(require.cache).find((path) => /multi-openim-channel[^/\\]*\.node$/.test(path));
