// Plays a scene, a script of its own, in a process of its own: on its main thread or in a worker.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { addonFile } from "./addon-file.mjs";

const stage = fileURLToPath(new URL("../scenes/stage.mjs", import.meta.url));
const PATIENCE_MS = 60_000;

/**
 * Resolves with how the process ended and what it printed. `props` are what the scene gets, besides the addon's path.
 */
export function play(scene, { where = "main", props = {}, nodeArgs = [] } = {}) {
  const child = spawn(process.execPath, [...nodeArgs, stage, scene, where], {
    env: { ...process.env, NODE_OPTIONS: "", SCENE_PROPS: JSON.stringify({ addon: addonFile, ...props }) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"]) child[stream].on("data", (chunk) => (printed[stream] += chunk));
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const said = printed.stdout.split("\n").filter(Boolean);
      resolve({ code, signal, said, stderr: printed.stderr, ms: performance.now() - began });
    });
  });
}
