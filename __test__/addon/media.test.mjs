// Files out by their path and in by their address, against the dev server's object storage.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { after, afterEach, describe, test } from "node:test";
import { createChannelPlugin, OpenImClient } from "../../loader.js";
import { startDevServer } from "../../scripts/lib/devserver.mjs";
import { deferred } from "./support/deferred.mjs";
import { bytes, file, mp4, png, wav } from "./support/files.mjs";
import { loggedIn, logoutAll } from "./support/inbox.mjs";

const PART = 100_000;
const config = file("server.json", JSON.stringify({ minPartSize: PART, control: true }));
const people = ["alice:Alice", "bot_7:Bot", "carol:Carol"].flatMap((user) => ["--user", user]);
const server = await startDevServer({ args: ["--config", config, ...people] });
after(() => server.stop());

const login = (id) => ({ token: server.user(id).token, wsAddr: server.wsAddr, apiAddr: server.apiAddr });

/** Tells the storage how to misbehave from now on. */
const storage = (trouble) => server.control("storage", trouble);

afterEach(async () => {
  await storage({});
  await logoutAll();
});

/** What an address leads to. */
const content = async (url) => Buffer.from(await (await fetch(url)).arrayBuffer());

describe("uploadFile", () => {
  test("puts a file into the storage byte for byte, says how far it is, and knows it the next time", async () => {
    const { client } = await loggedIn(login("alice"));
    const sent = bytes(PART * 5 + 17);
    const path = file("report 2026.pdf", sent);
    const steps = [];
    const { url, ...told } = await client.uploadFile({ path, onProgress: (step) => steps.push(step) });
    assert.match(told.hash, /^[0-9a-f]{32}$/);
    assert.deepEqual(
      { ...told, hash: null },
      {
        name: told.name,
        size: sent.length,
        contentType: "application/pdf",
        hash: null,
        instant: false,
      },
    );
    assert.match(told.name, /^\d+-report 2026\.pdf$/);
    assert.ok(url.startsWith(`${server.apiAddr}/object/alice/`));
    assert.deepEqual(await content(url), sent);
    assert.deepEqual(steps.at(-1), { sent: sent.length, total: sent.length });
    assert.ok(steps.every((step, i) => i === 0 || step.sent > steps[i - 1].sent));

    const again = await client.uploadFile({ path, name: "copy.pdf" });
    assert.deepEqual([again.instant, again.hash, again.name], [true, told.hash, "copy.pdf"]);
    assert.deepEqual(await content(again.url), sent);
  });

  test("goes on when parts fail and signatures expire", async () => {
    const { client } = await loggedIn(login("alice"));
    const sent = bytes(PART * 12);
    await storage({
      signatureMs: 150,
      failures: [
        { method: "PUT", partNumber: 2, status: 500, times: 1 },
        { method: "PUT", partNumber: 3, cutAfter: 1000, times: 1 },
        { method: "PUT", delayMs: 60 },
      ],
    });
    const { url } = await client.uploadFile({ path: file("a.bin", sent) });
    assert.deepEqual(await content(url), sent);
  });

  test("is cancelled by its signal, before and in the middle, and leaves no listener behind", async () => {
    const { client } = await loggedIn(login("alice"));
    const path = file("a.bin", bytes(PART * 8));
    await assert.rejects(client.uploadFile({ path, signal: AbortSignal.abort() }), { code: "OPENIM_CANCELLED" });

    await storage({ failures: [{ method: "PUT", bytesPerSecond: 20_000 }] });
    const stop = new AbortController();
    const stopped = client.uploadFile({ path, signal: stop.signal, onProgress: () => stop.abort() });
    await assert.rejects(stopped, { code: "OPENIM_CANCELLED", retryable: false, op: "uploadFile" });
    assert.equal(getEventListeners(stop.signal, "abort").length, 0);

    await storage({});
    const done = new AbortController();
    await client.uploadFile({ path, signal: done.signal });
    assert.equal(getEventListeners(done.signal, "abort").length, 0);
  });

  test("ends with the logout, and no progress is told after it", async () => {
    const { client } = await loggedIn(login("alice"));
    await storage({ failures: [{ method: "PUT", bytesPerSecond: 50_000 }] });
    let told = 0;
    const begun = deferred();
    const onProgress = () => {
      told += 1;
      begun.resolve();
    };
    const uploading = client.uploadFile({ path: file("a.bin", bytes(PART * 8)), onProgress });
    const cancelled = assert.rejects(uploading, { code: "OPENIM_CANCELLED" });
    await begun.promise;
    const leaving = client.logout();
    const seen = told;
    await Promise.all([leaving, cancelled]);
    assert.equal(told, seen);
  });

  test("ends with a kick and says so", async () => {
    const { client } = await loggedIn(login("carol"));
    await storage({ failures: [{ method: "PUT", bytesPerSecond: 50_000 }] });
    const begun = deferred();
    const uploading = client.uploadFile({ path: file("a.bin", bytes(PART * 8)), onProgress: begun.resolve });
    const kicked = assert.rejects(uploading, { code: "OPENIM_KICKED", op: "uploadFile" });
    await begun.promise;
    await server.control("kick", { userID: "carol", platformID: 5 });
    await kicked;
  });

  test("tells what is wrong with a file or an argument, by its name and never by its path", async () => {
    const { client } = await loggedIn(login("alice"));
    const loop = file("target.txt", "x");
    const link = `${loop}-link.txt`;
    symlinkSync(loop, link);
    after(() => rmSync(link, { force: true }));
    const path = file("small.bin", bytes(10));
    const cases = [
      [{ path: file("empty.txt", "") }, "OPENIM_UPLOAD", /empty\.txt" cannot be uploaded: it is empty/],
      [{ path: "/no/such/place/x.bin" }, "OPENIM_UPLOAD", /"x\.bin" cannot be uploaded: there is no such file/],
      [{ path: "/" }, "OPENIM_UPLOAD", /no regular file/],
      [{ path: link, followLinks: false }, "OPENIM_UPLOAD", /symbolic link/],
      [{ path, maxBytes: 9 }, "OPENIM_TOO_LARGE", /10 bytes/],
      [{}, "OPENIM_CONFIG", /takes the path of a file/],
      [7, "OPENIM_CONFIG", /takes the path of a file/],
      [{ path, onProgress: 7 }, "OPENIM_CONFIG", /onProgress is a function/],
      [{ path, signal: {} }, "OPENIM_CONFIG", /signal is an AbortSignal/],
      [{ path: "a\0b" }, "OPENIM_CONFIG", /zero byte/],
    ];
    for (const [params, code, message] of cases) {
      await assert.rejects(client.uploadFile(params), (error) => {
        assert.deepEqual([error.code, error.op], [code, "uploadFile"], error.message);
        assert.match(error.message, message);
        assert.ok(!error.message.includes("/no/such"), error.message);
        return true;
      });
    }
  });

  test("is not there before the login", async () => {
    const client = new OpenImClient(() => {});
    await assert.rejects(client.uploadFile({ path: "/x" }), { code: "OPENIM_CLOSED" });
  });

  test("is not disturbed by a callback that throws or rejects", async () => {
    const { client } = await loggedIn(login("alice"));
    let calls = 0;
    const onProgress = () => {
      calls += 1;
      if (calls === 1) throw new Error("boom");
      return Promise.reject(new Error("boom"));
    };
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- a rejecting callback is what is tested
    await client.uploadFile({ path: file("a.bin", bytes(PART * 3)), onProgress });
    assert.ok(calls >= 1);
  });
});

describe("a message by path", () => {
  const kinds = [
    ["createImageMessageByPath", "shot.png", () => png(640, 480), "image", 102],
    ["createSoundMessageByPath", "note.wav", () => wav(3), "audio", 103],
    ["createVideoMessageByPath", "film.mp4", () => mp4(5, 320, 240), "video", 104],
    ["createFileMessageByPath", "notes.zip", () => bytes(PART * 2), "file", 105],
  ];
  for (const [method, name, make, kind, contentType] of kinds) {
    test(`is uploaded when it is sent and arrives with its bytes: ${kind}`, async () => {
      const [{ client: alice }, bot] = await Promise.all([loggedIn(login("alice")), loggedIn(login("bot_7"))]);
      const sent = make();
      const path = file(name, sent);
      const message = await alice[method](path);
      assert.deepEqual([message.contentType, message.status, message.sendID], [contentType, 1, "alice"]);
      assert.ok(!JSON.stringify(message).includes(path), "the path stays here");
      const result = await alice.sendMessage({ recvID: "bot_7", message });
      assert.deepEqual([result.clientMsgID, result.status], [message.clientMsgID, 2]);

      const heard = await bot.inbox.until(
        ({ messages }) => messages.find(({ clientMsgID }) => clientMsgID === message.clientMsgID),
        "the file",
      );
      assert.deepEqual(heard.media, result.media);
      const [media] = heard.media;
      assert.deepEqual([heard.media.length, media.kind, media.size], [1, kind, sent.length]);
      const facts = { image: [640, 480, 0], audio: [0, 0, 3], video: [320, 240, 5], file: [0, 0, 0] }[kind];
      assert.deepEqual([media.width, media.height, media.duration], facts);
      assert.ok(!heard.content.includes(path));

      const fetched = await bot.client.download(media.url);
      after(() => rmSync(fetched.path, { force: true }));
      assert.deepEqual(readFileSync(fetched.path), sent);
      assert.equal(fetched.size, sent.length);
      assert.equal(statSync(fetched.path).mode & 0o777, 0o600);
    });
  }

  test("of a video takes a picture of its beginning along", async () => {
    const { client } = await loggedIn(login("alice"));
    const still = png(64, 48);
    const path = file("film.mp4", mp4(5, 320, 240));
    const message = await client.createVideoMessageByPath({ path, snapshotPath: file("still.png", still) });
    const { videoElem } = await client.sendMessage({ recvID: "bot_7", message });
    assert.deepEqual([videoElem.snapshotWidth, videoElem.snapshotHeight, videoElem.snapshotType], [64, 48, "png"]);
    assert.deepEqual(await content(videoElem.snapshotUrl), still);
  });

  test("is of the kind its bytes are of where nobody names one", async () => {
    const client = new OpenImClient(() => {});
    const made = async (name, make) => (await client.createMessageByPath(file(name, make))).contentType;
    assert.equal(await made("a.dat", png(2, 2)), 102);
    assert.equal(await made("b.dat", wav(1)), 103);
    assert.equal(await made("c.dat", mp4(1, 2, 2)), 104);
    assert.equal(await made("d.png", "only by its name"), 105);
  });

  test("is refused where the file is of another kind", async () => {
    const client = new OpenImClient(() => {});
    const path = file("words.txt", "hello");
    for (const method of ["createImageMessageByPath", "createSoundMessageByPath", "createVideoMessageByPath"]) {
      await assert.rejects(client[method](path), { code: "OPENIM_CONFIG", op: method });
    }
  });

  test("that could not be sent keeps its id and its upload", async () => {
    const { client } = await loggedIn(login("alice"));
    const message = await client.createFileMessageByPath(file("a.bin", bytes(PART * 2)));
    await assert.rejects(client.sendMessage({ recvID: "nobody", message }));
    await storage({ down: true });
    const sent = await client.sendMessage({ recvID: "bot_7", message });
    assert.equal(sent.clientMsgID, message.clientMsgID);
    await storage({});
    assert.equal((await content(sent.fileElem.sourceUrl)).length, PART * 2);
  });

  test("is not sent when its upload fails, and can be sent later", async () => {
    const { client } = await loggedIn(login("alice"));
    const path = file("a.bin", bytes(PART * 2));
    const message = await client.createFileMessageByPath(path);
    const whole = readFileSync(path);
    rmSync(path);
    await assert.rejects(client.sendMessage({ recvID: "bot_7", message }), { code: "OPENIM_UPLOAD" });
    writeFileSync(path, whole);
    const sent = await client.sendMessage({ recvID: "bot_7", message });
    assert.deepEqual(await content(sent.fileElem.sourceUrl), whole);
  });

  test("somebody else wrote makes nothing be uploaded", async () => {
    const [{ client }, bot] = await Promise.all([loggedIn(login("alice")), loggedIn(login("bot_7"))]);
    const secret = file("secret.txt", "not for you");
    const elem = { filePath: secret, uuid: "", sourceUrl: "", fileName: "x", fileSize: 1 };
    const received = { clientMsgID: "0".repeat(32), contentType: 105, content: JSON.stringify(elem), fileElem: elem };
    await client.sendMessage({ recvID: "bot_7", message: received }).catch(() => {});
    await client.sendMessage({ recvID: "bot_7", message: client.createTextMessage("after") });
    await bot.inbox.message("after");
    const forged = bot.inbox.messages.find(({ clientMsgID }) => clientMsgID === received.clientMsgID);
    assert.ok(!forged?.fileElem?.sourceUrl, "no address: nothing was uploaded");
  });

  test("can be cancelled while it is uploaded, and told how far it is", async () => {
    const { client } = await loggedIn(login("alice"));
    await storage({ failures: [{ method: "PUT", bytesPerSecond: 50_000 }] });
    const message = await client.createFileMessageByPath(file("a.bin", bytes(PART * 8)));
    const stop = new AbortController();
    const sending = client.sendMessage({
      recvID: "bot_7",
      message,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await assert.rejects(sending, { code: "OPENIM_CANCELLED" });
  });
});

describe("download", () => {
  test("keeps to the caller's size and place, and tells the type by the bytes", async () => {
    const { client } = await loggedIn(login("alice"));
    const { url } = await client.uploadFile({ path: file("shot.bin", png(3, 3)), contentType: "text/html" });
    const fetched = await client.download(url);
    after(() => rmSync(fetched.path, { force: true }));
    assert.equal(fetched.contentType, "image/png");
    await assert.rejects(client.download(url, { maxBytes: 10 }), { op: "download" });
    await assert.rejects(client.download("http://169.254.169.254/latest/meta-data"), { op: "download" });
    for (const options of [{ maxBytes: 0 }, { timeoutMs: "soon" }, { signal: 7 }]) {
      await assert.rejects(client.download(url, options), { code: "OPENIM_CONFIG" });
    }
    await assert.rejects(client.download(7), { code: "OPENIM_CONFIG" });
    await assert.rejects(client.download(url, { signal: AbortSignal.abort() }), { code: "OPENIM_CANCELLED" });
  });
});

describe("the descriptor", () => {
  /** A plugin with bot_7 online until the test is over. */
  async function running(t, dispatchInbound) {
    const channel = { accounts: { main: login("bot_7") } };
    const plugin = createChannelPlugin({ channel, logger: {}, dispatchInbound });
    const stop = new AbortController();
    const online = deferred();
    const setStatus = (next) => next.connected && online.resolve();
    const ended = plugin.gateway.startAccount({
      cfg: {},
      accountId: "main",
      abortSignal: stop.signal,
      getStatus: () => ({}),
      setStatus,
    });
    t.after(() => {
      stop.abort();
      return ended;
    });
    await online.promise;
    return plugin;
  }

  test("sends files of each kind, as a file what is of another, and words after them", async (t) => {
    const alice = await loggedIn(login("alice"));
    const plugin = await running(t, () => {});
    const { sendMedia } = plugin.outbound;
    const to = { to: "user:alice", accountId: "main" };
    const shot = file("shot.png", png(4, 4));
    const cases = [
      [{ path: shot, kind: "image" }, 102],
      [{ path: shot, kind: "file", name: "other.png" }, 105],
      [{ path: file("note.wav", wav(1)), kind: "voice" }, 103],
      [{ path: file("film.mp4", mp4(1, 2, 2)) }, 104],
      [{ path: file("words.txt", "hello"), kind: "image" }, 105],
    ];
    for (const [what, contentType] of cases) {
      const sent = await sendMedia({ ...to, ...what });
      assert.ok(sent.ok, sent.error);
      const heard = await alice.inbox.until(
        ({ messages }) => messages.find(({ clientMsgID }) => clientMsgID === sent.messageId),
        "the file",
      );
      assert.equal(heard.contentType, contentType);
    }
    const said = await sendMedia({ ...to, path: shot, text: "look at this" });
    const words = await alice.inbox.message("look at this");
    assert.equal(words.clientMsgID, said.textMessageId);
    const order = alice.inbox.messages.map(({ clientMsgID }) => clientMsgID);
    assert.ok(order.indexOf(said.messageId) < order.indexOf(said.textMessageId));
  });

  test("sends a file under an id of the caller's own, also where it goes as another kind", async (t) => {
    const alice = await loggedIn(login("alice"));
    const plugin = await running(t, () => {});
    const to = { to: "user:alice", accountId: "main" };
    const files = { "id-of-a-picture": file("shot.png", png(4, 4)), "id-of-words": file("words.txt", "hello") };
    for (const [clientMsgID, path] of Object.entries(files)) {
      const sent = await plugin.outbound.sendMedia({ ...to, path, kind: "image", clientMsgID });
      assert.equal(sent.messageId, clientMsgID);
      await alice.inbox.until(
        ({ messages }) => messages.find((message) => message.clientMsgID === clientMsgID),
        "the file",
      );
    }
  });

  test("refuses as a value", async (t) => {
    const plugin = await running(t, () => {});
    const { sendMedia } = plugin.outbound;
    const to = { to: "user:alice", accountId: "main" };
    const code = async (params) => {
      const { ok, code } = await sendMedia(params);
      assert.equal(ok, false);
      return code;
    };
    assert.equal(await code({ ...to, path: "/no/such/file" }), "OPENIM_UPLOAD");
    assert.equal(await code({ ...to, path: file("a.txt", "x"), kind: "hologram" }), "OPENIM_CONFIG");
    assert.equal(await code({ ...to }), "OPENIM_CONFIG");
    assert.equal(await code({ ...to, path: "/x", to: "nowhere" }), "OPENIM_TARGET");
    assert.equal(await code({ path: "/x", to: "user:alice" }), "OPENIM_CONFIG");
    assert.equal(await code({ ...to, path: "/x", accountId: "other" }), "OPENIM_OFFLINE");
    await storage({ down: true });
    const down = await sendMedia({ ...to, path: file("a.bin", bytes(10)) });
    assert.deepEqual([down.code, down.retryable, down.maybeDelivered], ["OPENIM_SERVER", true, false]);
  });

  test("gives the dispatcher a way to fetch what a message points at", async (t) => {
    const alice = await loggedIn(login("alice"));
    const got = deferred();
    const plugin = await running(t, async (_, state, message) => {
      if (message.media.length > 0) got.resolve(await state.download(message.media[0].url, { maxBytes: 1 << 20 }));
    });
    assert.ok(plugin);
    const sent = png(5, 5);
    const message = await alice.client.createImageMessageByPath(file("shot.png", sent));
    await alice.client.sendMessage({ recvID: "bot_7", message });
    const fetched = await got.promise;
    after(() => rmSync(fetched.path, { force: true }));
    assert.deepEqual(readFileSync(fetched.path), sent);
  });
});
