// Makes the seed corpora of all fuzz targets out of the captured frames of the genuine SDK and a few contents of each kind.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const at = (path) => new URL(path, import.meta.url);

function seed(target, bytes) {
  const dir = at(`corpus/${target}/`);
  mkdirSync(dir, { recursive: true });
  writeFileSync(new URL(createHash("sha1").update(bytes).digest("hex"), dir), bytes);
}

const detail = (value) => JSON.stringify({ detail: JSON.stringify(value) });
const quoted = { contentType: 101, senderNickname: "Alice", textElem: { content: "q" } };
const url = "https://o.example/a.png";
const file = { uuid: "u", type: "image/png", size: 5, width: 2, height: 2, url };
const contents = {
  101: { content: "hi 你好 😀" },
  102: { sourcePath: "", sourcePicture: file, bigPicture: file, snapshotPicture: file },
  103: { uuid: "u", soundPath: "", sourceUrl: url, dataSize: 9, duration: 2, soundType: "mp3" },
  104: { videoUrl: url, videoType: "video/mp4", videoSize: 4, duration: 3, snapshotUrl: url, snapShotType: "jpg" },
  105: { sourceUrl: url, fileName: "a.pdf", fileSize: 123 },
  106: { text: "@a", atUserList: ["a"], atUsersInfo: [{ atUserID: "a", groupNickname: "A" }], quoteMessage: quoted },
  107: {
    title: "t",
    abstractList: ["a: b"],
    multiMessage: [quoted, { contentType: 105, fileElem: { sourceUrl: url } }],
  },
  108: { userID: "a", nickname: "A", faceURL: "", ex: "" },
  109: { description: "d", longitude: 1.5, latitude: 2.5 },
  110: { data: "x", extension: "", description: "" },
  113: { msgTips: "yes" },
  114: { text: "a", quoteMessage: { contentType: 114, quoteElem: { text: "b", quoteMessage: quoted } } },
  115: { index: 1, data: "" },
  117: { text: "hi", messageEntityList: [{ type: "url", offset: 0, length: 2, url, ex: "" }] },
  118: { content: "# md" },
};
for (const [kind, content] of Object.entries(contents)) {
  seed("content", Buffer.concat([Buffer.from([Number(kind) - 100]), Buffer.from(JSON.stringify(content))]));
}

const group = { groupID: "g100", groupName: "G" };
const member = { groupID: "g100", userID: "bot_7", roleLevel: 20 };
const between = { fromToUserID: { fromUserID: "alice", toUserID: "bot_7" }, request: null };
const details = {
  1201: between,
  1203: { ...between, request: { fromUserID: "alice", toUserID: "bot_7", reqMsg: "hi" } },
  1204: { friend: { ownerUserID: "bot_7", friendUser: { userID: "alice" } } },
  1210: { friendIDs: ["carol"] },
  1300: { userID: "bot_7", conversationIDList: ["c"] },
  1303: { userID: "bot_7" },
  1304: { fromUserID: "alice", status: 1, platformID: 5 },
  1400: { notificationName: "N", text: "Hello", url, pictureElem: { sourcePicture: file } },
  1501: { group, memberList: [member], groupOwnerUser: member },
  1503: { group, applicant: { userID: "alice" }, reqMsg: "hi", request: { userInfo: { userID: "alice" } } },
  1507: { group, newGroupOwner: member, oldGroupOwner: "alice", oldGroupOwnerInfo: null },
  1508: { group, kickedUserList: [member, null] },
  1512: { group, mutedUser: member, mutedSeconds: 5 },
  1702: { conversationID: "c", hasReadSeq: 3 },
  2001: { key: "k", data: "d" },
  2101: { revokerUserID: "alice", clientMsgID: "m", seq: 7, sesstionType: 1, conversationID: "si_alice_bot_7" },
  2102: { conversationID: "c", seqs: [1, null] },
  2200: { markAsReadUserID: "alice", conversationID: "si_alice_bot_7", seqs: null, hasReadSeq: 3 },
};
for (const [key, value] of Object.entries(details)) {
  const type = Number(key);
  for (const place of [0, 1, 2, 3]) {
    seed(
      "notification",
      Buffer.concat([Buffer.from([type >> 8, type & 255, place]), Buffer.from(JSON.stringify(value))]),
    );
    seed("notification", Buffer.concat([Buffer.from([type >> 8, type & 255, place]), Buffer.from(detail(value))]));
  }
}

const attached = { groupHasReadInfo: { hasReadCount: 1, unreadCount: 2 }, isPrivateChat: true, burnDuration: 30 };
seed("attached_info", JSON.stringify({ ...attached, messageEntityList: null }));
seed("attached_info", "{}");

const frames = readFileSync(at("../crates/testkit/vectors/openim-frames.jsonl"), "utf8").trim().split("\n");
for (const { kind, payload } of frames.map((line) => JSON.parse(line))) {
  if (kind === "http" && typeof payload === "string") {
    const body = payload.slice(payload.indexOf("{"));
    seed("rest_answer", Buffer.concat([Buffer.from([0, 100]), Buffer.from(body)]));
  }
  if (kind === "http" && payload !== null && typeof payload === "object") {
    seed("rest_answer", Buffer.concat([Buffer.from([0, 100]), Buffer.from(JSON.stringify(payload))]));
  }
  if (kind === "ws-text") seed("frame", `\0t${payload}`);
  if (kind !== "ws-binary") continue;
  seed("frame", `\0${payload}`);
  const packed = gzipSync(payload);
  seed("frame", Buffer.concat([Buffer.from([1]), packed]));
  seed("gzip", packed);
  const { data } = JSON.parse(payload);
  if (data) seed("protobuf", Buffer.from(data, "base64"));
}
seed(
  "rest_answer",
  Buffer.concat([Buffer.from([0, 100]), Buffer.from('{"errCode":1001,"errMsg":"ArgsError","errDlt":"x","data":null}')]),
);

/** @type {Record<string, string[]>} */
const others = {
  upgrade: [
    "\0HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nx",
    "\x02HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "\x01HTTP/1.1 200 OK\r\n\r\n",
  ],
  proxy: [
    "\0HTTP/1.1 200 OK\r\n\r\n",
    "\x02\x05\0\x05\0\0\x01\x7f\0\0\x01\0\x50",
    "\x04\x05\x02\x01\0\x05\x04\0\x01\0\0\0\0\0\0",
  ],
  download_name: ['attachment; filename="a.pdf"\0object/b.png', "x; filename*=utf-8''%E6%8A%A5\0..%2fb"],
  configuration: [
    JSON.stringify({ proxy: "socks5://u:p@h:9", mediaHosts: ["a.lan:9000"], mediaSources: "any", platformID: 5 }),
    JSON.stringify({ tokenRefresh: { mode: "http", http: { url: "https://x/{accountId}" }, stateFile: "~/s.json" } }),
  ],
};
for (const [target, texts] of Object.entries(others)) {
  for (const text of texts) seed(target, Buffer.from(text, "latin1"));
}
const separator = Buffer.from([0xff]);
seed(
  "token_state",
  Buffer.concat([Buffer.from("{accountId}{state.r}"), separator, Buffer.from('{"bot": {"r": "1"}}')]),
);
for (const head of [
  "\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
  "\0\0\0\x18ftypmp42",
  "\x1aE\xdf\xa3",
  "RIFF....WAVEfmt ",
  "PK\x03\x04",
]) {
  seed("media", Buffer.from(head, "latin1"));
}
