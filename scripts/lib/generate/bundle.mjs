// Bundles TypeScript with esbuild: the script inside the addon, and modules that the generator itself imports.
import { build } from "esbuild";
import { fromRoot } from "../paths.mjs";

/** The oldest Node that loads the addon. */
const TARGET = "node20.3";

async function bundle(entry, options) {
  const { outputFiles = [] } = await build({
    absWorkingDir: fromRoot(),
    entryPoints: [entry],
    bundle: true,
    write: false,
    target: TARGET,
    charset: "utf8",
    logLevel: "silent",
    ...options,
  });
  return outputFiles[0].text;
}

/** A script that evaluates to the exports of `entry`, without a global of its own. */
export function bundleScript(entry) {
  return bundle(entry, {
    platform: "neutral",
    format: "iife",
    globalName: "embedded",
    banner: {
      js: `// Generated from ${entry} by scripts/generate.mjs: do not edit.\n(function () {`,
    },
    footer: { js: "return embedded;\n})();" },
  });
}

/** Imports a TypeScript module that needs nothing but its own files. */
export async function loadTypeScript(entry) {
  const text = await bundle(entry, { platform: "neutral", format: "esm" });
  return import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
}
