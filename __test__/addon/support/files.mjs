// Files to send, each of a kind that its bytes tell, in a directory that goes with the test file.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const dir = mkdtempSync(join(tmpdir(), "openim-media-"));
after(() => rmSync(dir, { recursive: true, force: true }));

let made = 0;

/** Bytes that no other file of this run has: the server knows contents by their hash. */
export function bytes(length) {
  made += 1;
  const content = Buffer.alloc(length);
  for (let i = 0; i < length; i += 1) content[i] = (i * 31 + made * 97 + (i >> 8)) % 251;
  return content;
}

/** Writes a file and returns its path. */
export function file(name, content) {
  const path = join(dir, `${(made += 1)}-${name}`);
  writeFileSync(path, content);
  return path;
}

/** A PNG of this size, as far as anybody looks at it. */
export function png(width, height) {
  const head = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.writeUInt8(8, 8);
  return Buffer.concat([head, size, bytes(500)]);
}

/** Seconds of sound in 8-bit WAV. */
export function wav(seconds) {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + seconds * 8000, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write("data", 36);
  head.writeUInt32LE(seconds * 8000, 40);
  return Buffer.concat([head, bytes(seconds * 8000)]);
}

function box(name, ...parts) {
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.write(name, 4);
  return Buffer.concat([head, body]);
}

/** An MP4 with one film of this length and size. */
export function mp4(seconds, width, height) {
  const mvhd = Buffer.alloc(100);
  mvhd.writeUInt32BE(1000, 12);
  mvhd.writeUInt32BE(seconds * 1000, 16);
  const tkhd = Buffer.alloc(84);
  tkhd.writeUInt32BE(0x10000, 40);
  tkhd.writeUInt32BE(0x10000, 56);
  tkhd.writeUInt32BE(width * 0x10000, 76);
  tkhd.writeUInt32BE(height * 0x10000, 80);
  const hdlr = Buffer.alloc(25);
  hdlr.write("vide", 8);
  const track = box("trak", box("tkhd", tkhd), box("mdia", box("hdlr", hdlr)));
  return Buffer.concat([
    box("ftyp", Buffer.from("isom\0\0\0\0")),
    box("moov", box("mvhd", mvhd), track),
    box("mdat", bytes(900)),
  ]);
}
