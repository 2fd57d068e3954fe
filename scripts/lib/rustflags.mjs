// What the compiler is told beyond the profile of Cargo.toml, so that a released addon is small. docs/performance.md has
// what each line is worth.
import { cleanEnv } from "./processes.mjs";

/** The environment of a release build for a target of napi's, such as `x86_64-unknown-linux-gnu`. */
export function releaseEnv(target) {
  return cleanEnv({ RUSTFLAGS: [process.env.RUSTFLAGS, ...releaseFlags(target)].filter(Boolean).join(" ") });
}

function releaseFlags(target) {
  const flags = ["-C llvm-args=--inline-threshold=35"];
  if (target.includes("linux")) {
    // Frame pointers make the tables for unwinding shorter; functions that never unwind need none.
    flags.push("-C force-frame-pointers=yes", "-C force-unwind-tables=no");
  }
  if (target.startsWith("x86_64") && target.includes("linux")) {
    // With full RELRO rustc calls every function through a table that the loader fills in. Asked for from the linker
    // instead, relocations are read-only all the same, and calls are direct.
    flags.push("-C relro-level=partial", "-C link-arg=-Wl,-z,relro,-z,now");
  }
  if (target.includes("windows")) flags.push("-C target-feature=+crt-static");
  return flags;
}

/** The target this process would build for without being told. */
export function ownTarget() {
  const cpu = { x64: "x86_64", arm64: "aarch64" }[process.arch] ?? process.arch;
  const musl = process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime;
  const system = { linux: `unknown-linux-${musl ? "musl" : "gnu"}`, darwin: "apple-darwin", win32: "pc-windows-msvc" };
  return `${cpu}-${system[process.platform] ?? process.platform}`;
}
