// Which source file uses which other: by the imports of the TypeScript files and by the paths in the Rust files of a crate.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { entryPath, root } from "./paths.mjs";

/** @typedef {Map<string, Set<string>>} Graph files, relative to the root, and the files each of them uses */

/**
 * @param {string} dir
 * @param {RegExp} pattern
 */
const filesBelow = (dir, pattern) =>
  readdirSync(join(root, dir), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(root, entryPath(entry)).replaceAll("\\", "/"));

/** @param {string} path */
const read = (path) => readFileSync(join(root, path), "utf8");

/**
 * The graph of all TypeScript files below a folder; imports of types count, too.
 * @param {string} dir
 * @returns {Graph}
 */
export function typescriptGraph(dir) {
  const files = filesBelow(dir, /(?<!\.d)\.ts$/);
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const specifiers = [...read(file).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, path = ""]) => path);
      const targets = specifiers.map((path) =>
        relative(root, resolve(root, dirname(file), path))
          .replaceAll("\\", "/")
          .replace(/\.js$/, ".ts"),
      );
      return [file, new Set(targets.filter((target) => known.has(target)))];
    }),
  );
}

/**
 * The graph of a crate's source files. Tests inside the files do not count. A name that a module only passes on with
 * `pub use` counts as a use of the file that defines it.
 * @param {string} dir the folder with the crate's `lib.rs`
 * @returns {Graph}
 */
export function rustGraph(dir) {
  /** @type {Map<string, Module>} */
  const modules = new Map();
  for (const file of filesBelow(dir, /\.rs$/)) {
    const path = modulePath(file.slice(dir.length + 1));
    if (path) modules.set(path.join("::"), new Module(file, path, withoutNoise(read(file))));
  }
  for (const module of modules.values()) module.readUses(modules);
  return new Map(
    [...modules.values()].map((module) => {
      const targets = module.used.map((path) => definition(modules, path)).filter((target) => target !== undefined);
      return [module.file, new Set(targets.filter((target) => target !== module).map((target) => target.file))];
    }),
  );
}

/** @param {string} file relative to the folder of `lib.rs`; undefined for the file of another binary */
function modulePath(file) {
  if (/^(main\.rs|bin\/)/.test(file)) return undefined;
  const parts = file.replace(/\.rs$/, "").split("/");
  if (["mod", "lib"].includes(parts.at(-1) ?? "")) parts.pop();
  return ["crate", ...parts];
}

/**
 * The code without comments, texts and the modules of tests.
 * @param {string} text
 */
function withoutNoise(text) {
  const code = text
    .replace(/\/\/.*$/gm, "")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/r(#+)"[\s\S]*?"\1/g, '""')
    .replace(/"(?:[^"\\]|\\[\s\S])*"/g, '""');
  return code.replace(/#\[cfg\((?:all\()?test\b[\s\S]*$/, (tail) => {
    // Test modules stand at the end of a file; one that is a file of its own is only declared.
    const declared = /^#\[cfg\([^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?mod \w+;/.exec(tail);
    return declared ? withoutNoise(tail.slice(declared[0].length)) : "";
  });
}

class Module {
  /** @type {string[][]} full paths that the code of this file uses */
  used = [];
  /** @type {Map<string, string[]>} names that this module passes on, with the full path of what they mean */
  passedOn = new Map();
  /** @type {string[][]} modules of which it passes everything on */
  passedOnWhole = [];

  /**
   * @param {string} file
   * @param {string[]} path
   * @param {string} code
   */
  constructor(file, path, code) {
    this.file = file;
    this.path = path;
    this.code = code;
  }

  /** @param {Map<string, Module>} modules */
  readUses(modules) {
    const uses = /\b(pub(?:\([^)]*\))?\s+)?use\s+([^;]+);/g;
    const rest = this.code.replace(uses, "");
    for (const [, isPublic, tree = ""] of this.code.matchAll(uses)) {
      for (const [path, name] of leaves(tree)) {
        const full = this.#absolute(path, modules);
        if (!full) continue;
        if (isPublic && name === "*") this.passedOnWhole.push(full.slice(0, -1));
        else if (isPublic) this.passedOn.set(name, full);
        if (!isPublic || new RegExp(`\\b${name}\\b`).test(name === "*" ? "" : rest)) this.used.push(full);
      }
    }
    for (const [path] of rest.matchAll(/(?<![\w:])(?:[a-z_]\w*)(?:::\w+)+/g)) {
      const full = this.#absolute(path.split("::"), modules);
      if (full) this.used.push(full);
    }
  }

  /**
   * A path as written here, from the crate's root on; undefined when it leads out of the crate.
   * @param {string[]} path
   * @param {Map<string, Module>} modules
   */
  #absolute([first = "", ...rest], modules) {
    if (first === "crate") return ["crate", ...rest];
    if (first === "self") return [...this.path, ...rest];
    if (first === "super") {
      let up = this.path.slice(0, -1);
      let below = rest;
      while (below[0] === "super") [up, below] = [up.slice(0, -1), below.slice(1)];
      return [...up, ...below];
    }
    return modules.has([...this.path, first].join("::")) ? [...this.path, first, ...rest] : undefined;
  }
}

/**
 * The paths of a `use`, without its braces, each with the name it brings in.
 * @param {string} tree
 * @returns {[string[], string][]}
 */
function leaves(tree) {
  const text = tree.replace(/\s+/g, " ").trim();
  const brace = text.indexOf("{");
  if (brace < 0) {
    const [path = "", alias] = text.split(" as ");
    const parts = path.split("::").map((part) => part.trim());
    return [[parts, alias?.trim() ?? parts.at(-1) ?? ""]];
  }
  const head = text
    .slice(0, brace)
    .replace(/::\s*$/, "")
    .split("::")
    .filter(Boolean)
    .map((part) => part.trim());
  return branches(text.slice(brace + 1, text.lastIndexOf("}"))).flatMap((branch) =>
    leaves(branch).map(([path, name]) => {
      const whole = path.length === 1 && path[0] === "self" ? head : [...head, ...path];
      return /** @type {[string[], string]} */ ([whole, name === "self" ? (head.at(-1) ?? "") : name]);
    }),
  );
}

/** @param {string} text a list whose members may hold lists in braces */
function branches(text) {
  const found = [""];
  let depth = 0;
  for (const char of text) {
    depth += { "{": 1, "}": -1 }[char] ?? 0;
    if (char === "," && depth === 0) found.push("");
    else found[found.length - 1] += char;
  }
  return found.map((branch) => branch.trim()).filter(Boolean);
}

/**
 * The module whose file defines what a full path names.
 * @param {Map<string, Module>} modules
 * @param {string[]} path
 * @param {number} depth
 * @returns {Module | undefined}
 */
function definition(modules, path, depth = 0) {
  let length = path.length;
  while (length > 0 && !modules.has(path.slice(0, length).join("::"))) length--;
  const module = modules.get(path.slice(0, length).join("::"));
  const name = path[length];
  if (!module || name === undefined || name === "*" || depth > 8) return module;
  const further = module.passedOn.get(name);
  if (further) return definition(modules, [...further, ...path.slice(length + 1)], depth + 1);
  if (!defines(module, name)) {
    for (const whole of module.passedOnWhole) {
      const target = definition(modules, [...whole, name], depth + 1);
      if (target && defines(target, name)) return target;
    }
  }
  return module;
}

/**
 * @param {Module} module
 * @param {string} name
 */
const defines = (module, name) =>
  new RegExp(`\\b(fn|struct|enum|trait|type|const|static|mod|macro_rules!|union)\\s+${name}\\b`).test(module.code);

/**
 * The circles of a graph: the largest sets of files each of which leads back to itself through the others.
 * @param {Graph} graph
 * @returns {string[][]}
 */
export function circles(graph) {
  /** @type {Map<string, Set<string>>} */
  const reached = new Map();
  for (const file of graph.keys()) {
    const seen = new Set();
    const ahead = [...(graph.get(file) ?? [])];
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      ahead.push(...(graph.get(next) ?? []));
    }
    reached.set(file, seen);
  }
  const inCircle = [...graph.keys()].filter((file) => reached.get(file)?.has(file));
  const found = inCircle.map((file) =>
    inCircle.filter((other) => reached.get(file)?.has(other) && reached.get(other)?.has(file)).sort(),
  );
  return [...new Map(found.map((circle) => [circle.join(" "), circle])).values()];
}

/**
 * The circles of a crate. Inside one folder a file may use what its own `mod.rs` defines although that one uses the file:
 * that is what such a folder is for.
 * @param {string} dir the folder with the crate's `lib.rs`
 */
export function rustCircles(dir) {
  const graph = rustGraph(dir);
  return circles(graph).flatMap((circle) => {
    const parent = circle.find(
      (file) => file.endsWith("/mod.rs") && circle.every((one) => one.startsWith(dirname(file))),
    );
    if (!parent) return [circle];
    const within = circle.map((file) => {
      const used = [...(graph.get(file) ?? [])].filter(
        (target) => circle.includes(target) && !isOwnModule(target, file),
      );
      return /** @type {const} */ ([file, new Set(used)]);
    });
    return circles(new Map(within));
  });
}

/**
 * @param {string} module
 * @param {string} file
 */
const isOwnModule = (module, file) =>
  module.endsWith("/mod.rs") && file.startsWith(`${dirname(module)}/`) && file !== module;
