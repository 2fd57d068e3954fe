// `npm run pack [-- --into DIR] [--binaries DIR] [--all]`: the tarballs that are tested and published, byte for byte, and
// a folder that OpenClaw can install from this checkout.
import { join } from "node:path";
import { localPlugin, packAll } from "./lib/pack.mjs";
import { cacheDir } from "./lib/paths.mjs";
import { main, say, step } from "./lib/steps.mjs";

const option = (name) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};

await main(async () => {
  const into = option("into") ?? join(cacheDir, "packed");
  const packed = await step("Packing", () =>
    packAll(into, { binaries: option("binaries"), all: process.argv.includes("--all") }),
  );
  for (const path of [packed.main, ...packed.platforms]) say(path);
  if (option("binaries")) return;
  const local = localPlugin(join(into, "plugin"));
  say(`\nTo try this checkout in your OpenClaw:\n  openclaw plugins install ${local} --force --accept-capabilities`);
});
