// Starts a login to a server that never answers and does not wait for it; there is nothing else to do.
import { load } from "./common.mjs";

export default async function ({ addon, login }) {
  const { OpenImClient } = load(addon);
  await new OpenImClient(() => {}).login({ ...login, until: "started" });
  console.log("started");
}
