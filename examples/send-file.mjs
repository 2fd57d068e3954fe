// Sends a file. Usage: OPENIM_TOKEN=<token> node examples/send-file.mjs user:alice picture.png
import { OpenImClient, parseTarget } from "multi-openim-channel";

const token = process.env.OPENIM_TOKEN ?? "";
const wsAddr = process.env.OPENIM_WS_ADDR ?? "ws://127.0.0.1:10001";
const apiAddr = process.env.OPENIM_API_ADDR ?? "http://127.0.0.1:10002";

const [to = "", path = ""] = process.argv.slice(2);
const target = parseTarget(to);
if (!target || !path) throw new Error("usage: send-file.mjs user:<id>|group:<id> <path>");

const client = new OpenImClient();
await client.login({ token, wsAddr, apiAddr });
try {
  // The bytes decide whether this becomes a picture, a voice message, a video or a file.
  const message = await client.createMessageByPath(path);
  const { clientMsgID, contentType } = await client.sendMessage({
    ...(target.kind === "user" ? { recvID: target.id } : { groupID: target.id }),
    message,
    onProgress: ({ sent, total }) => console.log(`${Math.round((100 * sent) / total)} %`),
  });
  console.log(`sent ${clientMsgID}, content type ${contentType}`);
} finally {
  await client.logout();
}
