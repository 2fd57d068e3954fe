// `npm run build`: the addon for this machine (release; `-- --dev` for debug) and the compiled plugin (`-- --plugin-only`: that
// alone; `-- --types`: the generated types and no binary). For a release: `-- --target T`, with `--cross WORD` where napi needs one to reach it: only the addon, for T.
import { buildAddon, buildPlugin, generateTypes } from "./lib/build.mjs";
import { main, say } from "./lib/steps.mjs";

const option = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};

await main(async () => {
  const [pluginOnly, target] = [process.argv.includes("--plugin-only"), option("--target")];
  if (process.argv.includes("--types")) return generateTypes();
  const addon = { release: !process.argv.includes("--dev"), target, cross: option("--cross") };
  const { changed } = pluginOnly ? { changed: [] } : await buildAddon(addon);
  if (!target) await buildPlugin();
  if (changed.length > 0) say(`Generated anew, to be committed: ${changed.join(", ")}`);
});
