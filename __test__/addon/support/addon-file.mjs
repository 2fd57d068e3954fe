// The path of the binary that loader.js loads here: for tests that copy it, load it twice or give it to workers.
import { createRequire } from "node:module";
import "../../../loader.js";

const { cache } = createRequire(import.meta.url);

export const addonFile = Object.keys(cache).find((path) => /multi-openim-channel[^/\\]*\.node$/.test(path));
