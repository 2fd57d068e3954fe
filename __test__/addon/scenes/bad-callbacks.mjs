// Callbacks that throw, reject, never settle, or throw odd things; none of it may come back as an uncaught exception.
import { ears, load, say } from "./common.mjs";

export default async function ({ addon, readers, writer }) {
  const { OpenImClient } = load(addon);
  const uncaught = [];
  process.on("uncaughtException", (error) => uncaught.push(`exception ${error}`));
  process.on("unhandledRejection", (error) => uncaught.push(`rejection ${error}`));
  const lines = ears();
  const sender = new OpenImClient(() => {});
  await sender.login(writer);
  const answers = [
    () => {
      throw new Error("thrown");
    },
    () => {
      throw null;
    },
    () => {
      throw Symbol("odd");
    },
    () => Promise.reject(new Error("rejected")),
    () => ({
      get then() {
        throw new Error("a trap");
      },
    }),
    () => ({
      then() {
        throw new Error("a then that throws");
      },
    }),
    () => new Promise(() => {}),
  ];
  for (const [i, answer] of answers.entries()) {
    const inbox = ears();
    const client = new OpenImClient(
      (batch) => {
        inbox.onBatch(batch);
        return batch.messages.length > 0 ? answer() : undefined;
      },
      {
        onLog: (all) => {
          lines.onBatch({ messages: all.map(({ message }) => ({ text: message })), events: [] });
          throw new Error("a log callback that throws");
        },
      },
    );
    await client.login({ ...readers[i].login, accountId: "reader" });
    await say(sender, readers[i].userID, `answer ${i}`);
    await inbox.message(`answer ${i}`);
    if (i < answers.length - 1) {
      await lines.until((heard) => heard.flatMap(({ messages }) => messages).length > i);
    }
    await client.logout();
  }
  await sender.logout();
  // A turn of the loop, so that anything left to be thrown is thrown.
  await new Promise(setImmediate);
  for (const { messages } of lines.heard) for (const { text } of messages) console.log(text);
  for (const line of uncaught) console.log(line);
}
