// `npm run build`: the addon for this machine (release; `-- --dev` for debug) and the compiled plugin (`-- --plugin-only`: that alone).
import { buildAddon, buildPlugin } from "./lib/build.mjs";
import { main, say } from "./lib/steps.mjs";

await main(async () => {
  const pluginOnly = process.argv.includes("--plugin-only");
  const { changed } = pluginOnly ? { changed: [] } : await buildAddon({ release: !process.argv.includes("--dev") });
  await buildPlugin();
  if (changed.length > 0) say(`Generated anew, to be committed: ${changed.join(", ")}`);
});
