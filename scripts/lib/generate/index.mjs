// All files that are generated from TypeScript sources, with the text each must have.
import { readFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { fromRoot, readJson } from "../paths.mjs";
import { bundleScript, loadTypeScript } from "./bundle.mjs";
import { channelSchema, uiHints } from "./manifest.mjs";
import { optionTables, withTables } from "./options-page.mjs";

const SCRIPT = "src/js/embedded.generated.js";

/** Resolves with the path and the text of each generated file. */
export async function generatedFiles() {
  const [options, refresh, names] = await Promise.all(
    ["config/option-table.ts", "config/token-refresh-options.ts", "names.ts"].map((file) =>
      loadTypeScript(`plugin/${file}`),
    ),
  );
  const table = { ...options, ...refresh };
  const page = readFileSync(fromRoot("docs", "configuration.md"), "utf8");
  return new Map([
    [SCRIPT, await bundleScript("src/js/embedded.ts")],
    ["openclaw.plugin.json", await pretty("openclaw.plugin.json", JSON.stringify(pluginManifest(table, names)))],
    ["package.json", await pretty("package.json", JSON.stringify(packageManifest(names)))],
    ["docs/configuration.md", await pretty("docs/configuration.md", withTables(page, optionTables(table)))],
  ]);
}

function pluginManifest(table, { PLUGIN_ID, CHANNEL_ID, LABEL, DESCRIPTION }) {
  const manifest = readJson(fromRoot("openclaw.plugin.json"));
  const { version } = readJson(fromRoot("package.json"));
  const { schema: _, uiHints: __, ...rest } = manifest.channelConfigs[CHANNEL_ID];
  return {
    ...manifest,
    id: PLUGIN_ID,
    name: LABEL,
    description: DESCRIPTION,
    version,
    channels: [CHANNEL_ID],
    channelConfigs: {
      [CHANNEL_ID]: { ...rest, label: LABEL, schema: channelSchema(table), uiHints: uiHints(table) },
    },
  };
}

/** The host reads the channel's names from package.json before it loads anything. */
function packageManifest({ META }) {
  const manifest = readJson(fromRoot("package.json"));
  return { ...manifest, openclaw: { ...manifest.openclaw, channel: META } };
}

async function pretty(path, text) {
  return format(text, { ...(await resolveConfig(fromRoot(path))), filepath: fromRoot(path) });
}
