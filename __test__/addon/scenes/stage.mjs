// Runs one scene of this folder on the main thread, or in a worker whose exit code becomes the process's.
import { Worker } from "node:worker_threads";

const [scene, where] = process.argv.slice(2);
const props = JSON.parse(process.env.SCENE_PROPS);
const file = new URL(`./${scene}.mjs`, import.meta.url);

if (where === "main") {
  const { default: run } = await import(file.href);
  await run(props);
} else {
  const code = `
    const { workerData } = require("node:worker_threads");
    import(workerData.file).then(({ default: run }) => run(workerData.props));`;
  const worker = new Worker(code, { eval: true, workerData: { file: file.href, props } });
  worker.on("error", (error) => {
    console.error(error);
    process.exitCode = 99;
  });
  worker.on("exit", (exitCode) => {
    process.exitCode ||= exitCode;
  });
}
