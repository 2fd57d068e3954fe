// One account while it runs: its client, its status for the host, and its messages until each is settled.

import type {
  Batch,
  ClientEvent,
  InboundState,
  Message,
  OpenImClient,
  ResolvedAccount,
  SendTextResult,
} from "multi-openim-channel";

import { INBOUND_TAG, LIFECYCLE_TAG } from "../../plugin/names.js";
import { type AccountStatus, accountStatus } from "../../plugin/status/account-status.js";
import type { HostContext, LogLevel, Native } from "./native.js";
import { callQuietly, errorWords } from "./values.js";

/** The host calls a connected account stale when its status says nothing of the socket for half an hour. */
const STATUS_EVERY_MS = 30_000;
/** Traffic changes the status too often to publish each change. */
const STATUS_AFTER_TRAFFIC_MS = 1_000;
const END_STATES = new Set(["failed", "stopped"]);
/** Events of the connection; those of people and groups change no status. */
const CONNECTION_EVENT = /^On(Connect|Disconnected|SyncServer|KickedOffline|UserToken|Stopped|DeadLetter)/;

export type Dispatch = (ctx: HostContext, state: InboundState, message: Message) => unknown;

/** What a run needs of the descriptor. */
export interface RunServices {
  native: Native;
  log(host: HostContext, level: LogLevel, message: string): void;
  /** Where messages go at the moment. */
  dispatcher(): Dispatch | null;
  sendText(accountId: string, ...args: Parameters<InboundState["sendText"]>): Promise<SendTextResult>;
  sendMedia(accountId: string, ...args: Parameters<InboundState["sendMedia"]>): Promise<SendTextResult>;
}

/** Lays an account's status over the host's fields. A host that throws disturbs nothing. */
export function setStatus(host: HostContext | undefined, status: AccountStatus): void {
  callQuietly(() => host?.setStatus?.({ ...host.getStatus?.(), ...status }));
}

export class AccountRun {
  readonly client: OpenImClient;
  /** Resolves when the account has ended, by itself or by a stop. */
  readonly ended: Promise<void>;
  readonly #end: () => void;
  readonly #state: InboundState;
  /** Messages that are not settled yet, by their delivery number. */
  readonly #open = new Map<number, Message>();
  readonly #settled = new WeakSet<Message>();
  readonly #heartbeat: NodeJS.Timeout;
  #publishing: NodeJS.Timeout | undefined;
  #isClosed = false;
  #isInOutage = false;
  #stopping: Promise<void> | undefined;

  constructor(
    readonly id: string,
    readonly host: HostContext,
    account: ResolvedAccount,
    private readonly services: RunServices,
  ) {
    const { promise, resolve } = deferred();
    this.ended = promise;
    this.#end = resolve;
    this.client = services.native.newClient();
    services.native.listen(
      this.client,
      (batch) => this.#onBatch(batch),
      (lines) => lines.forEach(({ level, message }) => this.#log(level, `${INBOUND_TAG} account=${id} ${message}`)),
    );
    this.#state = {
      accountId: id,
      selfId: account.userID as string,
      account,
      ack: (message) => this.#settle(message, "ack"),
      nack: (message) => this.#settle(message, "nack"),
      sendText: (...args) => services.sendText(id, ...args),
      sendMedia: (...args) => services.sendMedia(id, ...args),
      download: (...args) => this.client.download(...args),
    };
    this.#heartbeat = setInterval(() => this.#beat(), STATUS_EVERY_MS);
    this.#heartbeat.unref();
  }

  get isConnected(): boolean {
    return this.client.status().connected;
  }

  status(): AccountStatus {
    return accountStatus(this.id, this.client.status());
  }

  publish(): void {
    if (!this.#isClosed) setStatus(this.host, this.status());
  }

  publishSoon(): void {
    if (this.#isClosed || this.#publishing !== undefined) return;
    this.#publishing = setTimeout(() => {
      this.#publishing = undefined;
      this.publish();
    }, STATUS_AFTER_TRAFFIC_MS);
    this.#publishing.unref();
  }

  /** From here on nothing is published. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#publishing);
  }

  /** Logs out; all callers share one promise. */
  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      this.close();
      await this.client.logout();
      this.#end();
    })();
    return this.#stopping;
  }

  #beat(): void {
    this.publish();
    // The event that says so may have been lost with a panic; an end must not go unnoticed for ever.
    if (END_STATES.has(this.client.status().state)) this.#end();
  }

  #log(level: LogLevel, message: string): void {
    this.services.log(this.host, level, message);
  }

  #onBatch({ messages, events }: Batch): void {
    for (const event of events) {
      try {
        this.#onEvent(event);
      } catch (error) {
        this.#log(
          "warn",
          `${LIFECYCLE_TAG} account=${this.id} event ${event.event} was not handled: ${errorWords(error)}`,
        );
      }
    }
    for (const message of messages) this.#dispatch(message);
    if (events.some(({ event }) => CONNECTION_EVENT.test(event))) this.publish();
    else this.publishSoon();
  }

  #onEvent({ event, errMsg, data }: ClientEvent): void {
    const account = `account=${this.id}`;
    switch (event) {
      case "OnConnectSuccess":
        if (this.#isInOutage) this.#log("info", `${LIFECYCLE_TAG} ${account} connected again`);
        this.#isInOutage = false;
        break;
      case "OnDisconnected":
      case "OnConnectFailed":
        // Once per outage; the attempts are counted in the status.
        if (!this.#isInOutage) this.#log("warn", `${LIFECYCLE_TAG} ${account} not connected: ${errMsg}`);
        this.#isInOutage = true;
        break;
      case "OnUserTokenRefreshed":
        this.#log("info", `${LIFECYCLE_TAG} ${account} token refreshed${goodUntil(data as { expiresAt?: number })}`);
        break;
      case "OnDeadLetter": {
        const { clientMsgID, conversationID } = data as Pick<Message, "clientMsgID" | "conversationID">;
        const what = `message ${clientMsgID} of ${conversationID} was refused too often and is put aside`;
        this.#log("error", `${INBOUND_TAG} ${account} ${what}`);
        break;
      }
      case "OnStopped":
        this.#end();
        break;
    }
  }

  #dispatch(message: Message): void {
    const { delivery } = message;
    this.#open.set(delivery, message);
    const refuse = (error: unknown): void => {
      if (this.#open.get(delivery) !== message) return;
      const what = `message ${message.clientMsgID} comes again: ${errorWords(error)}`;
      this.#log("warn", `${INBOUND_TAG} account=${this.id} ${what}`);
      this.#settle(message, "nack");
    };
    const dispatch = this.services.dispatcher();
    if (dispatch === null) return refuse("no inbound dispatcher is set");
    try {
      // Not awaited: a slow turn holds up no other message.
      Promise.resolve(dispatch(this.host, this.#state, message)).then(() => this.#settle(message, "ack"), refuse);
    } catch (error) {
      refuse(error);
    }
  }

  /** Settles a message once; a later word about this delivery, or about an older one of the message, is ignored. */
  #settle(message: Message, how: "ack" | "nack"): void {
    const current = this.#open.get(message?.delivery);
    if (current === undefined || this.#settled.has(message)) return;
    this.#settled.add(current);
    this.#open.delete(current.delivery);
    this.client[how]([current.delivery]);
  }
}

/** A server may write any number into a token; what is no time of the calendar is not shown. */
function goodUntil({ expiresAt = 0 }: { expiresAt?: number }): string {
  const date = new Date(expiresAt);
  return expiresAt && !Number.isNaN(date.getTime()) ? `, good until ${date.toISOString()}` : "";
}

/** `Promise.withResolvers` needs Node 22. */
function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
