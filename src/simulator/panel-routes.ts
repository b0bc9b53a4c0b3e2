import { Hono } from 'hono';
import type { CallLog } from './call-log.ts';
import { clockView } from './clock-view.ts';
import { tapTogether } from './crowd.ts';
import { armedFaults, armFault } from './fault-menu.ts';
import { groupsView } from './group-view.ts';
import { bringAbout } from './happenings.ts';
import {
  CLOCK_RANGE_MS,
  callsRequest,
  clockRequest,
  crowdRequest,
  faultRequest,
  happeningRequest,
} from './page-requests.ts';
import type { Simulator } from './simulator-interface.ts';

/** The page says "no answer" then, instead of letting somebody wait for 150 s. */
const CROWD_PATIENCE_MS = 15_000;

/** What no messenger has: the bot's calls, faults, the clock, a crowd, happenings. Below `/simulator/`. */
export function panelRoutes(telegram: Simulator, calls: CallLog): Hono {
  const routes = new Hono();

  routes.get('/calls', (context) => {
    const { after } = callsRequest.parse(context.req.query());
    return context.json({ calls: calls.after(after) });
  });
  routes.get('/faults', (context) => context.json({ armed: armedFaults(telegram) }));
  routes.post('/faults', async (context) => {
    armFault(telegram, faultRequest.parse(await context.req.json()));
    return context.json({ armed: armedFaults(telegram) });
  });
  routes.post('/faults/disarm', (context) => {
    telegram.disarm();
    return context.json({ armed: armedFaults(telegram) });
  });
  routes.post('/clock', async (context) => {
    const request = clockRequest.parse(await context.req.json());
    if ('reset' in request) telegram.clock.reset();
    else moveClock(telegram, request.advanceMs);
    return context.json(clockView(telegram.clock));
  });
  routes.post('/crowd', async (context) => {
    const tap = crowdRequest.parse(await context.req.json());
    return context.json({ answers: await tapTogether(telegram, tap, CROWD_PATIENCE_MS) });
  });
  routes.get('/groups', (context) => context.json(groupsView(telegram)));
  routes.post('/happenings', async (context) => {
    const happening = happeningRequest.parse(await context.req.json());
    return context.json(bringAbout(telegram, happening));
  });
  return routes;
}

function moveClock({ clock }: Simulator, advanceMs: number): void {
  if (Math.abs(clock.offsetMs + advanceMs) > CLOCK_RANGE_MS) {
    throw new Error('The clock can be at most 400 days away from the machine’s time');
  }
  clock.advance(advanceMs);
}
