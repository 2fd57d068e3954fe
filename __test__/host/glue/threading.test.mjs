// Answers quote nothing: an answer that did would not be kept by the host over a kill.
import assert from "node:assert/strict";
import { test } from "node:test";
import { channelPlugin } from "../../../dist/channel.js";

test("the host asks for no quotes, neither by itself nor because a model wrote a tag", () => {
  const { threading } = channelPlugin;
  assert.equal(threading.resolveReplyToMode({ cfg: {} }), "off");
  assert.equal(threading.allowExplicitReplyTagsWhenOff, false);
});

test("a reply is a capability the channel does not claim", () => {
  assert.equal(channelPlugin.message.durableFinal.capabilities.replyTo, undefined);
});
