// ESLint checks what neither the compiler nor Prettier sees: promises that nobody waits for.
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "target/", "node_modules/", ".cache/", "index.d.ts"] },
  {
    files: ["plugin/**/*.ts"],
    languageOptions: { parser: tseslint.parser, parserOptions: { project: "./tsconfig.json" } },
  },
  {
    files: [
      "loader.js",
      "examples/*.mjs",
      "scripts/**/*.{mjs,cjs}",
      "__test__/**/*.mjs",
      "benches/*.mjs",
      "fuzz/*.mjs",
      "*.config.mjs",
    ],
    languageOptions: { parser: tseslint.parser, parserOptions: { project: "./tsconfig.tools.json" } },
  },
  {
    files: ["plugin/**/*.ts", "loader.js", "{examples,scripts,__test__,benches,fuzz}/**/*.{mjs,cjs}"],
    plugins: { "@typescript-eslint": tseslint.plugin },
    rules: {
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", name: ["test", "describe", "it", "suite"], package: "node:test" },
          ],
        },
      ],
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/await-thenable": "error",
    },
  },
);
