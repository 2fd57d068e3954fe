// TypeScript programs over our JavaScript: scripts and tests are checked like the plugin, by the types in their comments.
import ts from "typescript";
import { fromRoot, root } from "./paths.mjs";

/** What tests import from `dist/` is checked as it is written in `plugin/`, whether or not it has been compiled. */
const COMPILED = `${fromRoot("dist").replaceAll("\\", "/")}/`;

/** The program of one tsconfig file in the repository's root. */
export function createProgram(config) {
  const stop = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: fail };
  const parsed = ts.getParsedCommandLineOfConfigFile(fromRoot(config), undefined, stop);
  if (!parsed) throw new Error(`${config} cannot be read`);
  for (const error of parsed.errors) fail(error);
  const host = ts.createCompilerHost(parsed.options);
  const { fileExists } = host;
  host.fileExists = (path) => !path.startsWith(COMPILED) && fileExists(path);
  return ts.createProgram(parsed.fileNames, parsed.options, host);
}

function fail(diagnostic) {
  throw new Error(format([diagnostic]));
}

/** Every error of a program as text; empty when there is none. */
export const errorsOf = (program) => format(ts.getPreEmitDiagnostics(program));

function format(diagnostics) {
  return ts.formatDiagnostics(diagnostics, {
    getCanonicalFileName: (path) => path,
    getCurrentDirectory: () => root,
    getNewLine: () => "\n",
  });
}
