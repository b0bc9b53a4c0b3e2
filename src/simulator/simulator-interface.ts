import type { BotCommand, Message, Update, User } from 'grammy/types';
import type { Hono } from 'hono';
import type { BotApiAnswer, Call } from './bot-api/call-history.ts';
import type { ArmedFault, Fault, FaultOptions } from './bot-api/faults.ts';
import type { ChatRef, Group, MessageRef, NewGroupOptions, NewPerson, Person } from './cast-interface.ts';
import type { SettableClock } from './settable-clock.ts';
import type { SimulatorSnapshot } from './snapshot.ts';
import type { TapAnswer } from './world/callback-queries.ts';
import type { Changes } from './world/changes.ts';
import type { FileStore, MediaKind } from './world/file-store.ts';
import type { MemberStatus } from './world/members.ts';
import type { ChatMessage, World } from './world/world.ts';

export type * from './cast-interface.ts';
export type {
  ArmedFault,
  BotApiAnswer,
  Call,
  Fault,
  FaultOptions,
  MediaKind,
  MemberStatus,
  SimulatorSnapshot,
  TapAnswer,
};

export type SimulatorOptions = {
  /** Frozen at the present moment unless given. */
  clock?: SettableClock;
  token?: string;
  botUsername?: string;
  /** Of `startSimulator`; 0 chooses a free one. */
  port?: number;
  /** False forgets calls, updates and old versions of messages, for benchmarks and the page. */
  keepHistory?: boolean;
  /** Whom the page calls guests: they are in no group, and only the bot knows that it has admitted them. */
  guestIds?: readonly number[];
};

export type Simulator = {
  /** What the bot uses as `TELEGRAM_API_ROOT`. Empty until the simulator is reachable. */
  readonly apiRoot: string;
  /** The address of the page. */
  readonly url: string;
  readonly token: string;
  readonly bot: User & { username: string };
  readonly clock: SettableClock;
  readonly guestIds: readonly number[];
  /** Bot API, file download and the page, to be mounted at the root of a server. */
  readonly routes: Hono;
  /** Says at which origin (`http://127.0.0.1:8080`) another server has mounted `routes`. */
  mountedAt(origin: string): void;
  privacyMode: boolean;
  /** The id of the next update. */
  nextUpdateId: number;

  createPerson(person: NewPerson): Person;
  person(id: number): Person;
  people(): Person[];
  createGroup(group: NewGroupOptions): Group;
  group(id: number): Group;
  groups(): Group[];
  setMember(chat: ChatRef, person: { id: number }, status: MemberStatus, options?: { by?: Person }): void;
  addBot(chat: ChatRef, by: Person): void;
  removeBot(chat: ChatRef, by: Person): void;
  blockBot(person: Person): void;
  unblockBot(person: Person): void;
  sendAnonymously(chat: ChatRef, text: string): ChatMessage;
  deleteMessage(message: MessageRef): void;
  migrate(group: ChatRef): Group;
  /** The person has read this chat up to the message. */
  markRead(person: Person, message: MessageRef): void;
  /** Messages that are not deleted, with their current content, oldest first. */
  messages(chat: ChatRef): Message[];
  message(chat: ChatRef, messageId: number): Message | undefined;
  /** What a message said before each of its edits, oldest first. */
  versions(message: MessageRef): Message[];
  commandsFor(person: Person, chat: ChatRef): BotCommand[];

  /** The newest update that was queued for the bot (and matches). Throws when there is none. */
  lastUpdate(predicate?: (update: Update) => boolean): Update;
  /** Queues an update once more, as after a restart of the bot or a client's second try. */
  redeliver(update: Update, options?: { newUpdateId?: boolean; newQueryId?: boolean }): Update;
  /** Updates that are queued and not confirmed. */
  pendingUpdates(): readonly Update[];

  readonly history: readonly Call[];
  calls(method: string): Call[];
  arm(method: string, fault: Fault, options?: FaultOptions): void;
  disarm(): void;
  /** The faults that wait for calls, oldest first. */
  armed(): ArmedFault[];

  waitFor<T>(check: () => T | undefined | false, options?: { timeoutMs?: number; describe?: string }): Promise<T>;
  waitForCall(method: string, predicate?: (call: Call) => boolean, options?: WaitForCallOptions): Promise<Call>;
  waitForMessage(
    chat: ChatRef,
    predicate: (message: Message) => boolean,
    options?: { timeoutMs?: number },
  ): Promise<Message>;
  /** Resolves when every update has been fetched and confirmed by a further getUpdates (or taken by the webhook). */
  idle(options?: { timeoutMs?: number }): Promise<void>;

  /** Everything but clock, open taps and bytes, as JSON. */
  snapshot(): SimulatorSnapshot;
  restore(snapshot: SimulatorSnapshot): void;
  readonly files: FileStore;
  /** What happens, as it happens. */
  readonly changes: Changes;
  /** The state itself, for the page. */
  readonly world: World;
  /** Ends the event streams of open pages; they come back by themselves while the server runs. */
  closePages(): void;
  stop(): Promise<void>;
};

export type WaitForCallOptions = { after?: number; timeoutMs?: number };
