// The genuine SDK logs in to the dev server: what it reads, what it tells, how it comes back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Person, api, asAdmin, builds, serverFor, wire, writeAs } from "./support.mjs";

const LOGIN = ["OnConnecting", "OnConnectSuccess", "OnSyncServerStart", "OnSyncServerFinish"];
const loginEvents = (names) => names.filter((name) => LOGIN.includes(name) || name.endsWith("Failed"));

for (const [build, load] of Object.entries(builds)) {
  test(`case 27: a user without conversations logs in and syncs (${build})`, async (t) => {
    const server = await serverFor(t, ["--user", "loner"]);
    const person = await new Person(t, await load()).login(server, "loner");
    assert.deepEqual(loginEvents(person.names()), LOGIN);
    const { data } = await person.sdk.getConversationListSplit({ offset: 0, count: 20 });
    assert.deepEqual(data, []);
  });

  test(`case 28: a user with one chat finds it with what is unread (${build})`, async (t) => {
    const server = await serverFor(t);
    for (const text of ["one", "two", "three"]) await writeAs(server, "alice", { recvID: "bot_7" }, text);
    const person = await new Person(t, await load()).login(server, "bot_7");
    assert.deepEqual(loginEvents(person.names()), LOGIN);
    const { data } = await person.sdk.getConversationListSplit({ offset: 0, count: 20 });
    assert.deepEqual(
      data.map(({ conversationID, unreadCount, showName }) => ({ conversationID, unreadCount, showName })),
      [{ conversationID: "si_alice_bot_7", unreadCount: 3, showName: "Alice" }],
    );
    assert.equal(JSON.parse(data[0].latestMsg).textElem.content, "three");
    await person.sdk.markConversationMessageAsRead("si_alice_bot_7");
    const { data: unread } = await person.sdk.getTotalUnreadMsgCount();
    assert.equal(unread, 0);
  });

  test(`case 30: a login call that fails is a failed sync, and the connection stays (${build})`, async (t) => {
    const server = await serverFor(t);
    const spoiled = "/friend/get_incremental_friends";
    const { apiAddr } = await api(t, server, { spoiled });
    const person = new Person(t, await load());
    const { token, platformID } = server.user("bot_7");
    await person.sdk.login({ userID: "bot_7", token, platformID, wsAddr: server.wsAddr, apiAddr, logLevel: 5 });
    const { errCode } = await person.event("OnSyncServerFailed");
    assert.equal(errCode, 10006);
    await writeAs(server, "alice", { recvID: "bot_7" }, "still there?");
    await person.message("still there?");
  });

  test(`case 58, case 31: a lost connection comes back, reads everything again and finds nothing new (${build})`, async (t) => {
    const server = await serverFor(t);
    const link = await wire(t, server);
    const rest = await api(t, server);
    const addresses = { wsAddr: link.wsAddr, apiAddr: rest.apiAddr };
    const person = await new Person(t, await load()).login(server, "bot_7", addresses);
    const first = person.events.length;
    const calls = rest.paths.length;
    const since = performance.now();
    link.cut();
    await person.event("OnSyncServerFinish", { from: first });
    const away = performance.now() - since;
    assert.ok(away > 4_000 && away < 12_000, `${away} ms`);
    assert.deepEqual(loginEvents(person.names(first)), LOGIN);
    const [one, two] = link.queries;
    assert.equal(link.queries.length, 2);
    assert.notEqual(one.get("operationID"), two.get("operationID"));
    assert.equal(one.get("token"), two.get("token"));
    assert.ok(rest.paths.slice(calls).includes("/group/get_incremental_group_members_batch"), `${rest.paths}`);
    for (const name of ["OnJoinedGroupAdded", "OnGroupMemberAdded", "OnFriendAdded"]) {
      assert.ok(!person.names(first).includes(name), name);
    }
    await writeAs(server, "alice", { recvID: "bot_7" }, "welcome back");
    await person.message("welcome back");
  });

  test(`case 67: after a logout the token is still good (${build})`, async (t) => {
    const server = await serverFor(t);
    const link = await wire(t, server);
    const sdk = await load();
    const person = await new Person(t, sdk).login(server, "bot_7", { wsAddr: link.wsAddr });
    await person.logout();
    await new Person(t, sdk).login(server, "bot_7", { wsAddr: link.wsAddr }).then((again) => again.logout());
    assert.equal(link.queries[0].get("token"), link.queries[1].get("token"));
  });

  test(`case 64: a second login with another token takes the place of the first (${build})`, async (t) => {
    const server = await serverFor(t);
    const sdk = await load();
    const person = await new Person(t, sdk).login(server, "bot_7");
    const { token } = await asAdmin(server, "/auth/get_user_token", { userID: "bot_7", platformID: 5 });
    const second = new Person(t, sdk);
    const { wsAddr, apiAddr } = server;
    await second.sdk.login({ userID: "bot_7", token, platformID: 5, wsAddr, apiAddr, logLevel: 5 });
    await second.event("OnSyncServerFinish");
    await person.event("OnKickedOffline");
  });
}
