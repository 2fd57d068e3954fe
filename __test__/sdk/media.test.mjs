// Files between a person with the genuine SDK and our client, both ways, with their bytes compared.
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { OpenImClient } from "../../loader.js";
import { file, mp4, png, wav } from "../addon/support/files.mjs";
import { Inbox } from "../addon/support/inbox.mjs";
import "./filereader.mjs";
import { builds, Person, serverFor } from "./support.mjs";

/** Our client, logged in as bot_7; it leaves with the test. */
async function botFor(t, server) {
  const inbox = new Inbox();
  const client = new OpenImClient(inbox.onBatch);
  t.after(() => client.logout());
  await client.login({ token: server.user("bot_7").token, wsAddr: server.wsAddr, apiAddr: server.apiAddr });
  return { client, inbox };
}

const asFile = (bytes, name, type) => new File([bytes], name, { type });

/** Each kind: how the person's SDK makes it, how our client does, and where its address stands. */
const kinds = {
  picture: {
    bytes: () => png(32, 24),
    made: async (sdk, bytes) => {
      const one = { uuid: "p1", type: "image/png", size: bytes.length, width: 32, height: 24, url: "" };
      return sdk.createImageMessageByFile({
        sourcePicture: { ...one },
        bigPicture: { ...one },
        snapshotPicture: { ...one },
        sourcePath: "",
        file: asFile(bytes, "shot.png", "image/png"),
      });
    },
    ours: (client, path) => client.createImageMessageByPath(path),
    url: ({ pictureElem }) => pictureElem.sourcePicture.url,
    facts: ({ pictureElem: { sourcePicture: p } }) => [p.width, p.height, p.type],
    expected: [32, 24, "image/png"],
  },
  voice: {
    bytes: () => wav(2),
    made: (sdk, bytes) =>
      sdk.createSoundMessageByFile({
        uuid: "s1",
        soundPath: "",
        sourceUrl: "",
        dataSize: bytes.length,
        duration: 2,
        soundType: "wav",
        file: asFile(bytes, "note.wav", "audio/wav"),
      }),
    ours: (client, path) => client.createSoundMessageByPath(path),
    url: ({ soundElem }) => soundElem.sourceUrl,
    facts: ({ soundElem: { duration, dataSize } }) => [duration, dataSize],
    expected: [2, 16_044],
  },
  video: {
    bytes: () => mp4(3, 64, 48),
    made: (sdk, bytes) =>
      sdk.createVideoMessageByFile({
        videoPath: "",
        duration: 3,
        videoType: "video/mp4",
        snapshotPath: "",
        videoUUID: "v1",
        videoUrl: "",
        videoSize: bytes.length,
        snapshotUUID: "v2",
        snapshotSize: 4,
        snapshotUrl: "",
        snapshotWidth: 64,
        snapshotHeight: 48,
        snapShotType: "png",
        videoFile: asFile(bytes, "film.mp4", "video/mp4"),
        snapshotFile: asFile(png(64, 48), "still.png", "image/png"),
      }),
    ours: (client, path) => client.createVideoMessageByPath({ path, snapshotPath: file("still.png", png(64, 48)) }),
    url: ({ videoElem }) => videoElem.videoUrl,
    facts: ({ videoElem: v }) => [v.duration, v.snapshotWidth, v.snapshotHeight, v.snapshotUrl !== ""],
    expected: [3, 64, 48, true],
  },
  file: {
    bytes: () => Buffer.concat([Buffer.from("%PDF-1.7\n"), wav(800)]),
    made: (sdk, bytes) =>
      sdk.createFileMessageByFile({
        filePath: "",
        fileName: "report.pdf",
        uuid: "f1",
        sourceUrl: "",
        fileSize: bytes.length,
        fileType: "application/pdf",
        file: asFile(bytes, "report.pdf", "application/pdf"),
      }),
    ours: (client, path) => client.createFileMessageByPath({ path, name: "report.pdf" }),
    url: ({ fileElem }) => fileElem.sourceUrl,
    facts: ({ fileElem: { fileName, fileSize } }) => [fileName, fileSize],
    expected: ["report.pdf", 6_400_053],
  },
};

async function content(url) {
  return Buffer.from(await (await fetch(url)).arrayBuffer());
}

for (const [build, load] of Object.entries(builds)) {
  for (const [kind, { bytes, made, ours, url, facts, expected }] of Object.entries(kinds)) {
    test(`a ${kind} goes both ways with its bytes (${build})`, async (t) => {
      const server = await serverFor(t);
      const alice = await new Person(t, await load()).login(server, "alice");
      const bot = await botFor(t, server);

      const hers = bytes();
      const { data: message } = await made(alice.sdk, hers);
      await alice.sdk.sendMessage({ recvID: "bot_7", groupID: "", message });
      const heard = await bot.inbox.until(
        ({ messages }) => messages.find(({ media }) => media.length > 0),
        `a ${kind}`,
      );
      assert.equal(heard.media[0].url, url(heard));
      assert.deepEqual(facts(heard), expected);
      const fetched = await bot.client.download(heard.media[0].url);
      t.after(() => rmSync(fetched.path, { force: true }));
      assert.deepEqual(readFileSync(fetched.path), hers);

      const its = bytes();
      const sent = await ours(bot.client, file(`${kind}.bin`, its));
      const { clientMsgID } = await bot.client.sendMessage({ recvID: "alice", message: sent });
      const { data } = await alice.event("OnRecvNewMessages", {
        match: ({ data: list }) => list.some((one) => one.clientMsgID === clientMsgID),
      });
      const read = data.find((one) => one.clientMsgID === clientMsgID);
      assert.deepEqual(facts(read), expected);
      assert.deepEqual(await content(url(read)), its);
    });
  }

  test(`what one of them has uploaded, the server knows from the other (${build})`, async (t) => {
    const server = await serverFor(t);
    const alice = await new Person(t, await load()).login(server, "alice");
    const bot = await botFor(t, server);
    // More than one part: both have to cut and join in the same way.
    const bytes = Buffer.concat([wav(700), wav(100)]);
    const { data } = await alice.sdk.uploadFile({ file: asFile(bytes, "a.bin", "application/octet-stream") });
    const { url, instant } = await bot.client.uploadFile({ path: file("b.bin", bytes) });
    assert.equal(instant, true);
    assert.deepEqual(await content(data.url), bytes);
    assert.deepEqual(await content(url), bytes);
  });
}
