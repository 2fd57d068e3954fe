// The same person with the SDK's ES build.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "./person-child.cjs";

const require = createRequire(import.meta.url);
const manifestPath = require.resolve("@openim/client-sdk/package.json");
const entry = JSON.parse(readFileSync(manifestPath, "utf8")).module;
const esBuild = pathToFileURL(join(manifestPath, "..", entry)).href;
serve(await import(esBuild));
