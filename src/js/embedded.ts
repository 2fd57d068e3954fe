// The JavaScript inside the addon. It is bundled into embedded.generated.js (`node scripts/generate.mjs`), which Rust
// compiles once per environment; each export is called from the Rust file named beside it.

export { createAsker } from "./ask.js"; // src/refresh/ask.rs
export { createDescriptor } from "./descriptor.js"; // src/channel_plugin.rs
export { parseTarget } from "./target.js"; // src/functions.rs
export { beginTransfer } from "./transfer.js"; // src/transfer.rs
