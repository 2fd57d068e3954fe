// The notices that go with a binary: every crate built into it, its licence, and the licence texts it came with.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { manifest, root } from "./paths.mjs";

const LICENCE_FILE = /^(licen[cs]e|copying|notice|copyright)/i;

/** The text for one target; crates that came with the same licence text share it. */
export function noticesFor(target) {
  const args = ["metadata", "--locked", "--format-version", "1", "--filter-platform", target];
  const metadata = JSON.parse(
    execFileSync("cargo", args, { cwd: root, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 }),
  );
  const byText = new Map();
  for (const one of builtIn(metadata)) {
    const text = licenceTexts(dirname(one.manifest_path)) || "(The crate came without a licence file.)";
    byText.set(text, [...(byText.get(text) ?? []), `${one.name} ${one.version} (${one.license ?? "see below"})`]);
  }
  const parts = [...byText].map(([text, crates]) => `${crates.sort().join("\n")}\n\n${text}`);
  const head = `The binary of ${manifest.name} contains the following Rust crates.`;
  return [head, ...parts.sort()].join(`\n\n${"-".repeat(80)}\n\n`) + "\n";
}

/** The crates from elsewhere that are linked into the addon: its normal dependencies, all the way down. */
function builtIn({ packages, resolve, workspace_members: ours }) {
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const seen = new Set();
  const visit = (id) => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const dep of nodes.get(id).deps) if (dep.dep_kinds.some(({ kind }) => kind === null)) visit(dep.pkg);
  };
  visit(packages.find((one) => one.name === manifest.name).id);
  return packages.filter((one) => seen.has(one.id) && !ours.includes(one.id));
}

function licenceTexts(dir) {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
    .map((entry) => readFileSync(join(dir, entry.name), "utf8").trim())
    .sort()
    .join("\n\n");
}
