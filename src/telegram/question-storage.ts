import type { ConversationContextStorage, ConversationData } from '@grammyjs/conversations';
import { z } from 'zod';
import type { BotContext } from './bot-context.ts';
import type { ConversationRepository } from './conversation-repository.ts';

/** After this long an unanswered question is forgotten. */
const FORGOTTEN_AFTER_MS = 3 * 3_600_000;
/** Of what we keep; states of another layout count as forgotten. */
const LAYOUT = 1;

const storedState = z.object({
  version: z.tuple([z.literal(0), z.literal(LAYOUT)]),
  state: z.record(
    z.string(),
    z.array(
      z.object({
        args: z.string(),
        replay: z.object({
          send: z.array(z.object({ payload: z.string() })),
          receive: z.array(z.object({ send: z.number(), returnValue: z.unknown() })),
        }),
        interrupts: z.array(z.number()),
      }),
    ),
  ),
});

/**
 * Where grammY's conversations keep open questions: one row for each bot, chat and person. The database is asked only
 * about updates that can end a question (`mayEnd`), so that a tap on a card costs nothing; of an update that failed
 * (`isFailed`) nothing is kept, since it comes again or the person tries again.
 */
export function questionStorage(dependencies: {
  conversations: ConversationRepository;
  mayEnd: (ctx: BotContext) => boolean;
  isFailed: (ctx: BotContext) => boolean;
}): ConversationContextStorage<BotContext, ConversationData> {
  const { conversations, mayEnd, isFailed } = dependencies;
  const asRead = new WeakMap<BotContext, string>();

  return {
    type: 'context',
    version: LAYOUT,
    adapter: {
      async read(ctx) {
        const key = keyOf(ctx);
        if (key === undefined || !mayEnd(ctx)) return undefined;
        const state = storedState.safeParse(await conversations.find(key, forgottenAt(ctx)));
        if (state.data) asRead.set(ctx, JSON.stringify(state.data.state));
        return state.data;
      },

      async write(ctx, state) {
        const key = keyOf(ctx);
        // An unchanged state is not written, so that the three hours run from the question.
        if (key === undefined || isFailed(ctx) || asRead.get(ctx) === JSON.stringify(state.state)) return;
        await conversations.save(key, state, { now: ctx.receivedAt, since: forgottenAt(ctx) });
      },

      async delete(ctx) {
        const key = keyOf(ctx);
        if (key !== undefined && !isFailed(ctx)) await conversations.remove(key);
      },
    },
  };
}

function keyOf(ctx: BotContext): string | undefined {
  return ctx.chat && ctx.from && `${ctx.me.id}:${ctx.chat.id}:${ctx.from.id}`;
}

function forgottenAt(ctx: BotContext): Date {
  return new Date(ctx.receivedAt.getTime() - FORGOTTEN_AFTER_MS);
}
