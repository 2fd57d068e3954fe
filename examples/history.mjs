// Prints a conversation, oldest message first. Usage: OPENIM_TOKEN=<token> node examples/history.mjs user:alice
import { OpenImClient, parseTarget } from "multi-openim-channel";

const PAGE = 100;
const token = process.env.OPENIM_TOKEN ?? "";
const wsAddr = process.env.OPENIM_WS_ADDR ?? "ws://127.0.0.1:10001";
const apiAddr = process.env.OPENIM_API_ADDR ?? "http://127.0.0.1:10002";

const target = parseTarget(process.argv[2] ?? "");
if (!target) throw new Error("usage: history.mjs user:<id>|group:<id>");

const client = new OpenImClient();
await client.login({ token, wsAddr, apiAddr });
try {
  const sessionType = target.kind === "user" ? 1 : 3;
  const { conversationID } = await client.getOneConversation({ sourceID: target.id, sessionType });

  // Pages go from the newest to the oldest; the messages of a page are in the order of the conversation.
  const messages = [];
  let before = {};
  for (let isEnd = false; !isEnd;) {
    const page = await client.getAdvancedHistoryMessageList({ conversationID, count: PAGE, ...before });
    messages.unshift(...page.messageList);
    isEnd = page.isEnd || page.messageList.length === 0;
    before = { startSeq: page.messageList[0]?.seq };
  }
  for (const { sendTime, sendID, text } of messages) console.log(new Date(sendTime).toISOString(), sendID, text);
} finally {
  await client.logout();
}
