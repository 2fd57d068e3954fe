// One SDK login, driven by JSON lines: requests on stdin, answers and received messages on stdout (each marked with `@`).
const { randomUUID } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { createInterface } = require("node:readline");

/** The SDK reads files as browsers do; Node has the files, but not their reader. */
/** @type {any} */ (globalThis).FileReader ??= class {
  /** @type {((event: object) => void) | undefined} */
  onload;
  /** @type {((error: unknown) => void) | undefined} */
  onerror;

  readAsArrayBuffer(blob) {
    blob.arrayBuffer().then(
      (result) => {
        this.result = result;
        this.onload?.({ target: this });
      },
      (error) => this.onerror?.(error),
    );
  }
};

/** Serves the SDK given; shared by the CommonJS and the ES build. */
function serve({ getSDK, CbEvents }) {
  const sdk = getSDK();
  const tell = (value) => process.stdout.write(`@${JSON.stringify(value)}\n`);
  let self;

  const heard = (message) => {
    if (message.sendID === self) return;
    const text = message.textElem?.content ?? message.atTextElem?.text ?? "";
    const { clientMsgID, serverMsgID, sendID, recvID, groupID, contentType, seq, senderNickname } = message;
    const file = fileOf(message);
    tell({
      event: "message",
      message: { clientMsgID, serverMsgID, sendID, recvID, groupID, contentType, seq, senderNickname, text, file },
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

  const sent = ({ data }) => ({ clientMsgID: data.clientMsgID, serverMsgID: data.serverMsgID, status: data.status });

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
      return sent(await sdk.sendMessage({ recvID, groupID, message: created.data }));
    },
    /** Puts a file into the server's store; resolves with its address. */
    async upload({ path, name, contentType }) {
      const file = new File([readFileSync(path)], name, { type: contentType });
      const { data } = await sdk.uploadFile({ name, contentType, uuid: randomUUID(), file });
      return data;
    },
    /** Makes a message with one of the SDK's `create…Message…` methods; resolves with it. */
    async create({ method, params }) {
      return (await sdk[method](params)).data;
    },
    /** Sends a message that was made, its files being stored already; resolves with the whole of it. */
    async deliver({ recvID, groupID, message }) {
      return (await sdk.sendMessageNotOss({ recvID, groupID, message })).data;
    },
  };

  const answer = async (line) => {
    const { id, op, params } = JSON.parse(line);
    try {
      tell({ event: "answer", id, result: (await doing[op](params)) ?? null });
    } catch (error) {
      tell({ event: "answer", id, error: error?.errMsg ?? error?.message ?? String(error), errCode: error?.errCode });
    }
  };
  const input = createInterface({ input: process.stdin });
  input.on("line", (line) => void answer(line));
  input.on("close", () => process.exit(0));
}

/** The file of a message, whatever its kind; undefined where there is none. */
function fileOf({ pictureElem, soundElem, videoElem, fileElem }) {
  if (pictureElem?.sourcePicture?.url) {
    const { url, size, width, height } = pictureElem.sourcePicture;
    return { kind: "picture", url, size, width, height };
  }
  if (soundElem?.sourceUrl) {
    return { kind: "voice", url: soundElem.sourceUrl, size: soundElem.dataSize, duration: soundElem.duration };
  }
  if (videoElem?.videoUrl) {
    return { kind: "video", url: videoElem.videoUrl, size: videoElem.videoSize, duration: videoElem.duration };
  }
  if (fileElem?.sourceUrl) {
    return { kind: "file", url: fileElem.sourceUrl, size: fileElem.fileSize, name: fileElem.fileName };
  }
  return undefined;
}

module.exports = { serve };
if (require.main === module) serve(require("@openim/client-sdk"));
