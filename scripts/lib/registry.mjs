// A loopback npm registry that knows exactly the tarballs it is given and proxies nothing.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";

const BLOCK = 512;

/** The files of a packed npm package: their paths without the leading `package/`, and their contents. */
export function* tarballFiles(path) {
  const tar = gunzipSync(readFileSync(path));
  const text = (from, to) => tar.toString("utf8", from, to).replace(/\0.*$/s, "");
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const size = parseInt(text(at + 124, at + 136), 8) || 0;
    const prefix = text(at + 345, at + 500);
    const name = (prefix ? `${prefix}/` : "") + text(at, at + 100);
    const kind = String.fromCharCode(tar[at + 156] || 0x30);
    const body = at + BLOCK;
    if (kind === "0") yield { path: name.replace(/^[^/]+\//, ""), content: tar.subarray(body, body + size) };
    at = body + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** The package.json inside a packed npm package. */
export function tarballManifest(path) {
  for (const file of tarballFiles(path)) if (file.path === "package.json") return JSON.parse(file.content.toString());
  throw new Error(`${basename(path)} holds no package.json`);
}

/** Starts the registry on a free loopback port. `requests` lists what was asked and how it was answered. */
export async function startRegistry(tarballs) {
  const packages = new Map();
  for (const path of tarballs) {
    const manifest = tarballManifest(path);
    packages.set(manifest.name, { manifest, path, file: basename(path) });
  }
  const requests = [];
  const server = createServer((request, response) => {
    const { status, type, body } = answer(
      packages,
      `http://${request.headers.host}`,
      decodeURIComponent((request.url ?? "").split("?")[0]),
    );
    requests.push({ method: request.method, url: request.url, status });
    request.resume();
    response.writeHead(status, { "content-type": type, "content-length": body.length });
    response.end(body);
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", () => resolve(undefined));
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(packages, origin, path) {
  const json = (status, value) => ({ status, type: "application/json", body: Buffer.from(JSON.stringify(value)) });
  for (const [name, entry] of packages) {
    if (path === `/${name}`) return json(200, packument(entry, origin));
    if (path === `/${name}/-/${entry.file}`)
      return { status: 200, type: "application/octet-stream", body: readFileSync(entry.path) };
  }
  return json(404, { error: `this registry serves ${[...packages.keys()].join(", ")} and nothing else` });
}

function packument({ manifest, path, file }, origin) {
  const body = readFileSync(path);
  const dist = {
    tarball: `${origin}/${manifest.name}/-/${file}`,
    integrity: `sha512-${createHash("sha512").update(body).digest("base64")}`,
    shasum: createHash("sha1").update(body).digest("hex"),
  };
  return {
    name: manifest.name,
    "dist-tags": { latest: manifest.version },
    versions: { [manifest.version]: { ...manifest, _id: `${manifest.name}@${manifest.version}`, dist } },
    time: { modified: "2026-01-01T00:00:00.000Z", [manifest.version]: "2026-01-01T00:00:00.000Z" },
  };
}
