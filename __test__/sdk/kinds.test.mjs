// Every kind of message between the addon and the genuine SDK, both ways and in both of its builds, and the events that
// the SDK's deeds set off.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenImClient } from "../../loader.js";
import { Inbox } from "../addon/support/inbox.mjs";
import { Person, asAdmin, builds, serverFor } from "./support.mjs";

const CHAT = "si_alice_bot_7";
const URL = "https://files.example/a";
const picture = { uuid: "u", type: "image/png", size: 5, width: 2, height: 3, url: `${URL}.png` };
const sound = { uuid: "u", soundPath: "", sourceUrl: `${URL}.mp3`, dataSize: 9, duration: 4, soundType: "mp3" };
const video = {
  videoPath: "",
  duration: 6,
  videoType: "video/mp4",
  snapshotPath: "",
  videoUUID: "v",
  videoUrl: `${URL}.mp4`,
  videoSize: 7,
  snapshotUUID: "s",
  snapshotSize: 8,
  snapshotUrl: `${URL}.jpg`,
  snapshotWidth: 10,
  snapshotHeight: 11,
};
const file = { filePath: "", uuid: "f", sourceUrl: `${URL}.pdf`, fileName: "a.pdf", fileSize: 12 };
const pictures = { sourcePath: "", sourcePicture: picture, bigPicture: picture, snapshotPicture: picture };

/** Each kind: how it is made by either side, the element it comes in, and what of it has to arrive. */
const kinds = [
  ["createTextMessage", "hello 你好 😀", "textElem", { content: "hello 你好 😀" }],
  ["createImageMessageByURL", pictures, "pictureElem", { sourcePicture: picture, snapshotPicture: picture }],
  ["createSoundMessageByURL", sound, "soundElem", { sourceUrl: sound.sourceUrl, dataSize: 9, duration: 4 }],
  ["createVideoMessageByURL", video, "videoElem", { videoUrl: video.videoUrl, duration: 6, snapshotWidth: 10 }],
  ["createFileMessageByURL", file, "fileElem", { sourceUrl: file.sourceUrl, fileName: "a.pdf", fileSize: 12 }],
  ["createCardMessage", { userID: "bob", nickname: "Bob", faceURL: "", ex: "" }, "cardElem", { userID: "bob" }],
  ["createLocationMessage", { description: "Here", longitude: 1.5, latitude: 2.5 }, "locationElem", { latitude: 2.5 }],
  [
    "createCustomMessage",
    { data: "{}", extension: "e", description: "d" },
    "customElem",
    { data: "{}", extension: "e" },
  ],
  ["createFaceMessage", { index: 3, data: "x" }, "faceElem", { index: 3, data: "x" }],
];

/** What the addon tells hosts of the media of a kind. */
const media = {
  pictureElem: {
    kind: "image",
    url: picture.url,
    name: "a.png",
    size: 5,
    contentType: "image/png",
    width: 2,
    height: 3,
  },
  soundElem: { kind: "audio", url: sound.sourceUrl, name: "a.mp3", size: 9, duration: 4 },
  videoElem: { kind: "video", url: video.videoUrl, size: 7, duration: 6, snapshotUrl: video.snapshotUrl },
  fileElem: { kind: "file", url: file.sourceUrl, name: "a.pdf", size: 12, contentType: "application/pdf" },
};

const partOf = (whole, part) => Object.fromEntries(Object.keys(part).map((name) => [name, whole?.[name]]));
const holds = (whole, part) => assert.deepEqual(partOf(whole, part), part);

for (const [build, load] of Object.entries(builds)) {
  const pair = async (t) => {
    const server = await serverFor(t);
    const alice = await new Person(t, await load()).login(server, "alice");
    const inbox = new Inbox();
    const bot = new OpenImClient(inbox.onBatch, { onLog: inbox.onLog });
    t.after(() => bot.logout());
    const { token, platformID } = server.user("bot_7");
    const { wsAddr, apiAddr } = server;
    await bot.login({ userID: "bot_7", token, platformID, wsAddr, apiAddr });
    return { server, alice, bot, inbox };
  };

  const byAlice = async (alice, make, params, to = { recvID: "bot_7" }) => {
    const { data: message } = await alice.sdk[make](params);
    const { data } = await alice.sdk.sendMessageNotOss({ recvID: "", groupID: "", ...to, message });
    return data;
  };
  const byBot = (bot, make, params, to = { recvID: "alice" }) =>
    bot.sendMessageNotOss({ ...to, message: bot[make](params) });
  const atBot = (inbox, { clientMsgID }) =>
    inbox.until(() => inbox.messages.find((each) => each.clientMsgID === clientMsgID), `message ${clientMsgID}`);
  const atAlice = async (alice, { clientMsgID }) => {
    const one = ({ data }) => data.find((each) => each.clientMsgID === clientMsgID);
    return one(await alice.event("OnRecvNewMessages", { match: one }));
  };
  const toldTo = (inbox, name, match = () => true) =>
    inbox.until(() => inbox.events.find(({ event, data }) => event === name && match(data)), name);

  test(`every kind comes from the SDK with its element, its words and its media (${build})`, async (t) => {
    const { alice, inbox } = await pair(t);
    for (const [make, params, element, expected] of kinds) {
      const received = await atBot(inbox, await byAlice(alice, make, params));
      holds(received[element], expected);
      assert.deepEqual([received.sendID, received.senderNickname], ["alice", "Alice"]);
      assert.notEqual(received.text, "", make);
      if (media[element]) holds(received.media[0], media[element]);
      else assert.deepEqual(received.media, [], make);
    }
  });

  test(`every kind reaches the SDK as it was made, with the bot's name (${build})`, async (t) => {
    const { alice, bot } = await pair(t);
    for (const [make, params, element, expected] of kinds) {
      const sent = await byBot(bot, make, params);
      holds(sent[element], expected);
      const received = await atAlice(alice, sent);
      holds(received[element], expected);
      assert.equal(received.contentType, sent.contentType);
    }
    const markdown = await atAlice(alice, await byBot(bot, "createMarkdownMessage", "# hi"));
    assert.deepEqual([markdown.contentType, markdown.notificationElem], [118, { content: "# hi" }]);
    const parts = [{ type: "url", offset: 0, length: 2, url: URL, ex: "" }];
    const advanced = { text: "hi", messageEntityList: parts };
    const marked = await atAlice(alice, await byBot(bot, "createAdvancedTextMessage", advanced));
    assert.deepEqual([marked.contentType, marked.notificationElem], [117, advanced]);
    assert.equal(marked.senderNickname, "Botty");
  });

  test(`case 43: quotes, quotes of quotes and forwards are understood on both sides (${build})`, async (t) => {
    const { alice, bot, inbox } = await pair(t);
    const question = await atBot(inbox, await byAlice(alice, "createTextMessage", "a question"));
    const answer = await atAlice(
      alice,
      await byBot(bot, "createQuoteMessage", { text: "an answer", message: question }),
    );
    assert.equal(answer.quoteElem.text, "an answer");
    assert.equal(answer.quoteElem.quoteMessage.textElem.content, "a question");
    // The SDK takes the quoted message as JSON.
    const quoting = { text: "really?", message: JSON.stringify(answer) };
    const again = await atBot(inbox, await byAlice(alice, "createQuoteMessage", quoting));
    assert.deepEqual([again.text, again.quote.text, again.quote.sendID], ["really?", "an answer", "bot_7"]);
    const third = await atAlice(alice, await byBot(bot, "createQuoteMessage", { text: "yes", message: again }));
    assert.equal(third.quoteElem.quoteMessage.contentType, 101);
    assert.equal(third.quoteElem.quoteMessage.textElem.content, "really?");

    const merger = (messageList) => ({ messageList, title: "Chat", summaryList: ["Alice: a question"] });
    const forward = await byAlice(alice, "createMergerMessage", merger([answer, third]));
    const forwarded = await atBot(inbox, forward);
    assert.equal(forwarded.text, "[forwarded messages: Chat]");
    assert.deepEqual(forwarded.forwarded.summary, ["Alice: a question"]);
    assert.deepEqual(
      forwarded.forwarded.messages.map(({ text, sendID }) => [text, sendID]),
      [
        ["an answer", "bot_7"],
        ["yes", "bot_7"],
      ],
    );
    const back = await atAlice(alice, await byBot(bot, "createMergerMessage", merger([question, again])));
    assert.deepEqual([back.mergeElem.title, back.mergeElem.multiMessage.length], ["Chat", 2]);
    assert.equal(back.mergeElem.multiMessage[0].textElem.content, "a question");
    const passedOn = await atAlice(alice, await byBot(bot, "createForwardMessage", forwarded));
    assert.deepEqual([passedOn.contentType, passedOn.mergeElem.multiMessage.length], [107, 2]);
  });

  test(`case 42: mentions are mentions on both sides, everybody included (${build})`, async (t) => {
    const { alice, bot, inbox } = await pair(t);
    const group = { groupID: "g100" };
    const at = (...atUserIDList) => ({
      text: "@you hi",
      atUserIDList,
      atUsersInfo: atUserIDList.map((atUserID) => ({ atUserID, groupNickname: "you" })),
    });
    const named = await atBot(inbox, await byAlice(alice, "createTextAtMessage", at("bot_7"), group));
    assert.deepEqual([named.text, named.isAtSelf, named.atTextElem.atUserList], ["@you hi", true, ["bot_7"]]);
    const all = await atBot(inbox, await byAlice(alice, "createTextAtMessage", at("AtAllTag"), group));
    assert.equal(all.isAtSelf, true);
    const other = await atBot(inbox, await byAlice(alice, "createTextAtMessage", at("bob"), group));
    assert.equal(other.isAtSelf, false);
    const sent = await byBot(bot, "createTextAtMessage", at("alice", "AtAllTag"), group);
    assert.deepEqual(sent.atUserIDList, ["alice", "AtAllTag"]);
    const received = await atAlice(alice, sent);
    assert.deepEqual([received.atTextElem.text, received.atTextElem.atUserList], ["@you hi", ["alice", "AtAllTag"]]);
  });

  test(`case 59, case 60, case 63: revoking, reading and typing are told (${build})`, async (t) => {
    const { alice, bot, inbox } = await pair(t);
    const oops = await byAlice(alice, "createTextMessage", "oops");
    const seen = await atBot(inbox, oops);
    const mine = await byBot(bot, "createTextMessage", "read me");
    await atAlice(alice, mine);
    await alice.sdk.markConversationMessageAsRead(CHAT);
    const { data: receipts } = await toldTo(inbox, "OnRecvC2CReadReceipt");
    assert.deepEqual([receipts[0].userID, receipts[0].msgIDList], ["alice", [mine.clientMsgID]]);
    await alice.sdk.revokeMessage({ conversationID: CHAT, clientMsgID: oops.clientMsgID });
    const { data: revoked } = await toldTo(inbox, "OnNewRecvMessageRevoked");
    assert.deepEqual([revoked.clientMsgID, revoked.revokerID, revoked.seq], [oops.clientMsgID, "alice", seen.seq]);
    await alice.sdk.changeInputStates({ conversationID: CHAT, focus: true });
    const { data: typing } = await toldTo(inbox, "OnConversationUserInputStatusChanged");
    assert.deepEqual(typing, { conversationID: CHAT, userID: "alice", platformIDs: [5] });
    await alice.sdk.changeInputStates({ conversationID: CHAT, focus: false });
    const stopped = ({ platformIDs }) => platformIDs.length === 0;
    await toldTo(inbox, "OnConversationUserInputStatusChanged", stopped);
    assert.deepEqual(
      inbox.messages.map(({ text }) => text),
      ["oops"],
    );
  });

  test(`an online-only message arrives and is kept nowhere (${build})`, async (t) => {
    const { alice, bot, inbox } = await pair(t);
    const { data: message } = await alice.sdk.createTextMessage("now or never");
    await alice.sdk.sendMessage({ recvID: "bot_7", groupID: "", message, isOnlineOnly: true });
    assert.equal((await inbox.message("now or never")).seq, 0);
    const sent = await bot.sendMessage({
      recvID: "alice",
      message: bot.createTextMessage("the same from here"),
      isOnlineOnly: true,
    });
    assert.equal(sent.status, 2);
    const after = await atBot(inbox, await byAlice(alice, "createTextMessage", "after it"));
    assert.equal(after.seq, 1, "neither has taken a place in the conversation");
  });

  test(`case 61: who comes into a group, who goes and what changes is told once, and no copy is a message (${build})`, async (t) => {
    const { server, alice, inbox } = await pair(t);
    await asAdmin(server, "/user/user_register", { users: [{ userID: "dave", nickname: "Dave" }] });
    const groupID = "g100";
    await alice.sdk.inviteUserToGroup({ groupID, userIDList: ["dave"], reason: "" });
    assert.equal((await toldTo(inbox, "OnGroupMemberAdded")).data.userID, "dave");
    await alice.sdk.changeGroupMemberMute({ groupID, userID: "dave", mutedSeconds: 60 });
    assert.equal((await toldTo(inbox, "OnGroupMemberInfoChanged")).data.userID, "dave");
    await alice.sdk.kickGroupMember({ groupID, userIDList: ["dave"], reason: "" });
    assert.equal((await toldTo(inbox, "OnGroupMemberDeleted")).data.userID, "dave");
    await alice.sdk.setGroupInfo({ groupID, groupName: "Renamed" });
    const renamed = ({ groupName }) => groupName === "Renamed";
    await toldTo(inbox, "OnGroupInfoChanged", renamed);
    await byAlice(alice, "createTextMessage", "still here?", { groupID });
    await inbox.message("still here?");
    await alice.sdk.kickGroupMember({ groupID, userIDList: ["bot_7"], reason: "" });
    assert.equal((await toldTo(inbox, "OnJoinedGroupDeleted")).data.groupID, groupID);
    const { data: made } = await alice.sdk.createGroup({
      memberUserIDs: ["bot_7"],
      groupInfo: { groupName: "New", groupType: 2 },
    });
    await toldTo(inbox, "OnJoinedGroupAdded", (group) => group.groupID === made.groupID);
    await alice.sdk.dismissGroup(made.groupID);
    await toldTo(inbox, "OnGroupDismissed", (group) => group.groupID === made.groupID);
    assert.deepEqual(
      inbox.messages.map(({ text }) => text),
      ["still here?"],
    );
    const names = inbox.eventNames().filter((name) => /Group/.test(name));
    assert.equal(names.length, new Set(names).size, `each once: ${names}`);
  });

  test(`friends, requests and the black list are told (${build})`, async (t) => {
    const { alice, bot, inbox } = await pair(t);
    await alice.sdk.addFriend({ toUserID: "bot_7", reqMsg: "be my friend" });
    const { data: request } = await toldTo(inbox, "OnFriendApplicationAdded");
    assert.deepEqual([request.fromUserID, request.toUserID], ["alice", "bot_7"]);
    await alice.sdk.addBlack({ toUserID: "bot_7" });
    await assert.rejects(byBot(bot, "createTextMessage", "hello?"), { errCode: 1302 });
    assert.equal(inbox.eventNames().includes("OnBlackAdded"), false, "that is alice's list");
  });
}
