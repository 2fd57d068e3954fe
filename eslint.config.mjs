// ESLint checks what neither the compiler nor Prettier sees: promises that nobody waits for.
import tseslint from "typescript-eslint";
import { createProgram } from "./scripts/lib/typescript.mjs";

/** node:test waits for these itself. */
const nodeTests = [{ from: "package", name: ["describe", "it", "suite", "test"], package: "node:test" }];

const typed = (files, parserOptions) => ({
  files,
  languageOptions: { parser: tseslint.parser, parserOptions },
  plugins: { "@typescript-eslint": tseslint.plugin },
  rules: {
    "@typescript-eslint/await-thenable": "error",
    "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: nodeTests }],
    "@typescript-eslint/no-misused-promises": "error",
  },
});

export default [
  { ignores: ["dist/", "target/", "node_modules/", ".cache/", "examples/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  typed(["plugin/**/*.ts"], { project: "./tsconfig.json" }),
  typed(["src/js/*.ts"], { project: "./src/js/tsconfig.json" }),
  typed(["loader.js", "scripts/**/*.{mjs,cjs}", "benches/*.mjs", "fuzz/*.mjs"], { project: "./tsconfig.tools.json" }),
  typed(["__test__/**/*.mjs"], { programs: [createProgram("tsconfig.tests.json")] }),
];
