// `npm run lint`: formatting, lints and types of everything tracked. `npm run format` repairs what can be repaired.
import { cargo, ensureDependencies } from "./lib/build.mjs";
import { Checks } from "./lib/checks.mjs";
import { fromRoot } from "./lib/paths.mjs";
import { cleanEnv, run } from "./lib/processes.mjs";
import { main, step } from "./lib/steps.mjs";

const fix = process.argv.includes("--fix");
const remedy = "`npm run format`";

await main(async () => {
  const node = await ensureDependencies();
  const tool = (...path) => fromRoot("node_modules", ...path);
  const prettier = () =>
    run(node, [tool("prettier", "bin", "prettier.cjs"), fix ? "--write" : "--check", "."], {
      name: "prettier",
      remedy,
    });
  const rustfmt = () =>
    run("cargo", ["fmt", "--all", ...(fix ? [] : ["--check"])], {
      name: "cargo-fmt",
      remedy: `${remedy}, or \`rustup component add rustfmt\` when it is not installed`,
    });
  if (fix) {
    await step("Formatting Rust", rustfmt);
    await step("Formatting everything else", prettier);
    return 0;
  }
  const { actionlint, zizmor } = await import("./lib/workflows.mjs");
  const typescript = (project) =>
    run(node, [tool("typescript", "bin", "tsc"), "-p", project, "--noEmit"], { name: `tsc-check-${project}` });
  const checks = new Checks();
  await checks.check("rustfmt", "rustfmt", rustfmt);
  await checks.check("prettier", "prettier", prettier);
  await checks.check("clippy", "clippy, warnings are errors", () =>
    step("cargo clippy (some minutes the first time)", () =>
      cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], {
        remedy: "repair what the log names, or `rustup component add clippy` when it is not installed",
      }),
    ),
  );
  await checks.check("rustdoc", "the documentation of the crates, broken links are errors", () =>
    step("cargo doc", () =>
      cargo(["doc", "--no-deps", "--workspace", "--document-private-items"], {
        env: cleanEnv({ RUSTDOCFLAGS: "-D warnings" }),
        remedy: "repair the links that the log names",
      }),
    ),
  );
  await checks.check("typescript", "TypeScript, strict", () => typescript("tsconfig.json"));
  await checks.check("embedded", "TypeScript of the addon, strict", () => typescript("src/js"));
  await checks.check("javascript", "the types of our JavaScript", () =>
    run(node, [fromRoot("scripts", "typecheck.mjs"), "tsconfig.tools.json"], { name: "typecheck" }),
  );
  await checks.check("eslint", "eslint: no promise is left alone", () =>
    run(node, [tool("eslint", "bin", "eslint.js"), "--max-warnings", "0", "."], { name: "eslint" }),
  );
  await checks.check("actionlint", "actionlint", actionlint);
  await checks.check("zizmor", "zizmor", zizmor);
  return checks.finish();
});
