// A worker that brings a client into one state, says so, and stays there.
import { parentPort, workerData } from "node:worker_threads";
import { ears, load, say } from "./common.mjs";

const { addon, state, props } = workerData;
const { OpenImClient, createChannelPlugin } = load(addon);
const { login, silent } = props;
const inbox = ears();
const online = async (onBatch = inbox.onBatch, options = {}) => {
  const client = new OpenImClient(onBatch, options);
  await client.login(login);
  return client;
};

setInterval(() => {}, 1_000);

const STATES = {
  loaded: () => {},
  made: () => new OpenImClient(inbox.onBatch),
  connecting: () => void new OpenImClient(inbox.onBatch).login({ ...login, wsAddr: silent }).catch(() => {}),
  "logging in": () => void online().catch(() => {}),
  online,
  "in a callback that never settles": async () => {
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- a promise that never settles is what is tested
    await online((batch) => {
      inbox.onBatch(batch);
      return new Promise(() => {});
    });
    await inbox.event("OnConnecting");
  },
  "in a callback that is busy": async () => {
    await online((batch) => {
      inbox.onBatch(batch);
      if (batch.events.length > 0) parentPort.postMessage("ready");
      for (;;);
    });
  },
  sending: async () => {
    const client = await online();
    for (let i = 0; i < 200; i++) say(client, "alice", `${i}`).catch(() => {});
  },
  calling: async () => {
    const client = await online();
    for (let i = 0; i < 200; i++) client.getGroupMemberList({ groupID: "g100", offset: 0, count: 100 }).catch(() => {});
    const query = { conversationID: "sg_g100", count: 100 };
    for (let i = 0; i < 200; i++) client.getAdvancedHistoryMessageList(query).catch(() => {});
  },
  "with a refused message": async () => {
    const client = await online(inbox.onBatch, { ackMode: "manual" });
    client.nack([1]);
  },
  "logging out": async () => {
    const client = await online();
    void client.logout();
  },
  "logged out": async () => {
    await (await online()).logout();
  },
  "running an account of the channel": async () => {
    const plugin = createChannelPlugin({ channel: { accounts: { a: login } }, logger: {} });
    const running = new Promise((resolve) => {
      const setStatus = ({ connected }) => connected && resolve();
      void plugin.gateway.startAccount({ cfg: {}, accountId: "a", setStatus });
    });
    await running;
  },
};

await STATES[state]();
parentPort.postMessage("ready");
