import { Hono } from 'hono';
import { botAccount, DEFAULT_TOKEN } from './bot-account.ts';
import { botApiRoutes } from './bot-api/bot-api-routes.ts';
import { createCallHistory } from './bot-api/call-history.ts';
import { createFaults } from './bot-api/faults.ts';
import { createUpdateDelivery } from './bot-api/update-delivery.ts';
import { createCallLog } from './call-log.ts';
import { listenOnLoopback } from './loopback-server.ts';
import { createPageEvents } from './page-events.ts';
import { pageRoutes } from './page-routes.ts';
import { createSettableClock } from './settable-clock.ts';
import type { Simulator, SimulatorOptions } from './simulator-interface.ts';
import { restoreSnapshot, takeSnapshot } from './snapshot.ts';
import { createWaiting } from './waiting.ts';
import { addPerson, findPerson, groupView, postAnonymously, setBlocked, setBotPresence } from './world/cast.ts';
import { commandMenu } from './world/command-menu.ts';
import { createWorld } from './world/create-world.ts';
import { foundGroup, migrateGroup } from './world/groups.ts';
import { changeMember } from './world/members.ts';
import { removeMessage } from './world/messages.ts';
import { markRead } from './world/read-marks.ts';
import { redeliver } from './world/taps.ts';
import { chatRecord, knownUser } from './world/world.ts';

export type * from './simulator-interface.ts';

/**
 * A local Telegram without a server of its own: mount `routes` at the root of one and say where with `mountedAt`.
 * `startSimulator` does both.
 */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const clock = options.clock ?? createSettableClock();
  const token = options.token ?? DEFAULT_TOKEN;
  const keepHistory = options.keepHistory ?? true;
  const world = createWorld({ clock, keepHistory, bot: botAccount(token, options.botUsername) });
  const history = createCallHistory({ keep: keepHistory });
  const faults = createFaults(() => world.changes.emit({ kind: 'faults' }));
  const delivery = createUpdateDelivery(world);
  const waiting = createWaiting(world, history);
  const routes = new Hono();
  let origin = '';

  const simulator: Simulator = {
    get apiRoot() {
      return origin;
    },
    get url() {
      return `${origin}/`;
    },
    token,
    bot: world.bot,
    clock,
    guestIds: options.guestIds ?? [],
    routes,
    files: world.files,
    changes: world.changes,
    world,
    mountedAt(address) {
      origin = address.replace(/\/$/, '');
    },
    get privacyMode() {
      return world.privacyMode;
    },
    set privacyMode(on) {
      world.privacyMode = on;
    },
    get nextUpdateId() {
      return world.updates.nextUpdateId;
    },
    set nextUpdateId(id) {
      world.updates.nextUpdateId = id;
    },

    createPerson: (person) => addPerson(world, person),
    person: (id) => findPerson(world, id),
    people: () => [...world.people.keys()].map((id) => findPerson(world, id)),
    createGroup: ({ type = 'supergroup', administrators = [], botIsMember = true, ...group }) =>
      groupView(
        foundGroup(world, {
          title: group.title,
          type,
          id: group.id,
          members: group.members.map(({ user }) => user),
          administrators: administrators.map(({ user }) => user),
          botIsMember,
          botIsAdministrator: group.botIsAdministrator ?? false,
          addedBy: group.addedBy?.user,
        }),
      ),
    group: (id) => groupView(chatRecord(world, { id })),
    groups: () => [...world.chats.values()].filter(({ chat }) => chat.type !== 'private').map(groupView),
    setMember(chat, person, status, { by } = {}) {
      const user = knownUser(world, person.id);
      if (user === undefined) throw new Error(`The simulator has no person ${person.id}`);
      changeMember(world, chatRecord(world, chat), user, status, by?.user ?? user);
    },
    addBot: (chat, by) => setBotPresence(world, chat, by, true),
    removeBot: (chat, by) => setBotPresence(world, chat, by, false),
    blockBot: ({ user }) => setBlocked(world, user, true),
    unblockBot: ({ user }) => setBlocked(world, user, false),
    sendAnonymously: (chat, text) => postAnonymously(world, chat, text),
    deleteMessage({ chat, message_id }) {
      const removed = removeMessage(world, chatRecord(world, chat), message_id);
      if (!removed) throw new Error(`Chat ${chat.id} has no message ${message_id} (any more)`);
    },
    markRead: ({ id }, { chat, message_id }) => markRead(world, chatRecord(world, chat), id, message_id),
    migrate: (group) => groupView(migrateGroup(world, chatRecord(world, group))),
    messages: (chat) => [...chatRecord(world, chat).messages.values()].map(({ message }) => message),
    message: (chat, messageId) => chatRecord(world, chat).messages.get(messageId)?.message,
    versions: ({ chat, message_id }) => chatRecord(world, chat).messages.get(message_id)?.versions ?? [],
    commandsFor: ({ user }, chat) => commandMenu(world, user, chatRecord(world, chat)),

    lastUpdate(predicate = () => true) {
      const update = world.updates.log.findLast(predicate);
      if (update === undefined) throw new Error('No such update was queued for the bot');
      return update;
    },
    redeliver: (update, how = {}) => redeliver(world, update, how),
    pendingUpdates: () => world.updates.waiting(),
    history: history.calls,
    calls: (method) => history.calls.filter((call) => call.method === method),
    arm: faults.arm,
    disarm: faults.disarm,
    armed: faults.armed,
    ...waiting,
    snapshot: () => takeSnapshot(world),
    restore: (snapshot) => restoreSnapshot(world, snapshot),
    closePages: () => events.closeAll(),
    async stop() {
      events.closeAll();
      delivery.stop();
      world.queries.expireAll();
    },
  };
  const calls = createCallLog();
  const events = createPageEvents(simulator, calls);
  routes.route('/', botApiRoutes({ world, token, delivery, faults, history }));
  routes.route('/', pageRoutes(simulator, { events, calls }));
  return simulator;
}

/** A simulator on a loopback port of its own; `stop` closes it, open long polls included. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = createSimulator(options);
  const server = await listenOnLoopback(simulator.routes, options.port ?? 0);
  simulator.mountedAt(`http://127.0.0.1:${server.port}`);
  const stopSimulator = simulator.stop;
  simulator.stop = async () => {
    await stopSimulator();
    await server.stop();
  };
  return simulator;
}
