import type { World } from '../world/world.ts';
import type { Payload } from './request-payload.ts';
import type { UpdateDelivery } from './update-delivery.ts';

/** What a method works on: the state, who receives the updates, and whether the caller is still there. */
export type MethodContext = {
  world: World;
  delivery: UpdateDelivery;
  /** Aborted when the connection of this call is gone. */
  gone: AbortSignal;
};

/** One Bot API method: returns the `result` or throws a `BotApiError`, and in that case has changed nothing. */
export type Method = (context: MethodContext, payload: Payload) => unknown;
export type MethodTable = Readonly<Record<string, Method>>;
