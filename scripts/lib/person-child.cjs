// One SDK login, driven by JSON lines: requests on stdin, answers and received messages on stdout (each marked with `@`).
const { createInterface } = require("node:readline");

/** Serves the SDK given; shared by the CommonJS and the ES build. */
function serve({ getSDK, CbEvents }) {
  const sdk = getSDK();
  const tell = (value) => process.stdout.write(`@${JSON.stringify(value)}\n`);
  let self;

  const heard = (message) => {
    if (message.sendID === self) return;
    const text = message.textElem?.content ?? message.atTextElem?.text ?? "";
    const { clientMsgID, serverMsgID, sendID, recvID, groupID, contentType, seq, senderNickname } = message;
    tell({
      event: "message",
      message: { clientMsgID, serverMsgID, sendID, recvID, groupID, contentType, seq, senderNickname, text },
    });
  };
  for (const event of [CbEvents.OnRecvNewMessages, CbEvents.OnRecvOfflineNewMessages]) {
    sdk.on(event, ({ data }) => (Array.isArray(data) ? data : [data]).forEach(heard));
  }
  for (const event of [
    "OnConnecting",
    "OnConnectSuccess",
    "OnConnectFailed",
    "OnKickedOffline",
    "OnUserTokenExpired",
    "OnUserTokenInvalid",
  ]) {
    sdk.on(CbEvents[event], ({ errCode }) => tell({ event, errCode }));
  }

  const doing = {
    async login({ userID, token, platformID, wsAddr, apiAddr }) {
      self = userID;
      await sdk.login({ userID, token, platformID, wsAddr, apiAddr, logLevel: 5 });
    },
    async logout() {
      await sdk.logout();
    },
    async send({ recvID, groupID, text, mention }) {
      const atUsersInfo = mention.map(({ userID, nickname }) => ({
        atUserID: userID,
        groupNickname: nickname ?? userID,
      }));
      const created =
        mention.length > 0
          ? await sdk.createTextAtMessage({ text, atUserIDList: mention.map(({ userID }) => userID), atUsersInfo })
          : await sdk.createTextMessage(text);
      const { data } = await sdk.sendMessage({ recvID, groupID, message: created.data });
      return { clientMsgID: data.clientMsgID, serverMsgID: data.serverMsgID, status: data.status };
    },
  };

  const input = createInterface({ input: process.stdin });
  input.on("line", async (line) => {
    const { id, op, params } = JSON.parse(line);
    try {
      tell({ event: "answer", id, result: (await doing[op](params)) ?? null });
    } catch (error) {
      tell({ event: "answer", id, error: error?.errMsg ?? error?.message ?? String(error), errCode: error?.errCode });
    }
  });
  input.on("close", () => process.exit(0));
}

module.exports = { serve };
if (require.main === module) serve(require("@openim/client-sdk"));
