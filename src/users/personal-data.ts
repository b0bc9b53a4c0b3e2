/*
 * Where people are: every table that holds something about a person, in one place. /mydata shows what stands here,
 * /forget clears it, and a test fails when a column of the schema that may hold a person is not named here.
 *
 * Fragments of SQL are over the row `t` of the table and the person's own row `p` of `users`.
 */

export type PersonalTable = {
  table: string;
  /** What these rows are, in the words of the file that /mydata sends. */
  about: string;
  /** Columns with an id of `users`. */
  references: readonly string[];
  /** Other columns in which something about a person may stand. */
  others?: readonly string[];
  /** Which rows are a person's. */
  isTheirs: string;
  /** What they are shown, column by column; no secrets, and nothing about others. */
  shown: Readonly<Record<string, string>>;
  /**
   * `deleted`: their rows go. `kept`: the team follows its work by them, so they stay and name a former member instead.
   * `split`: some of both (forget-statements.ts).
   */
  whenForgotten: 'deleted' | 'kept' | 'split';
};

/** Columns that are shown as they are. */
function columns(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `t.${name}`]));
}

/** Whether a column means this person, for "you" instead of an id. */
const isYou = (column: string) => `t.${column} = p.id`;

/** An id of another system without the leading zeros of a number. */
const key = (column: string) => `regexp_replace(${column}, '^0+([0-9]+)$', '\\1')`;
const isTheirsByExternalId = `t.user_id is null and ${key('t.external_user_id')} = ${key('p.external_id')}`;

export const PERSONAL_TABLES: readonly PersonalTable[] = [
  {
    table: 'user_interactions',
    about: 'every command, button and upload of yours, and what I sent into your private chat with me',
    references: ['user_id'],
    others: ['context', 'telegram_chat_id', 'delivery_key'],
    isTheirs: 't.user_id = p.id or t.telegram_chat_id = p.telegram_user_id',
    shown: columns(
      'created_at',
      'interaction_type',
      'interaction_name',
      'telegram_chat_id',
      'telegram_message_id',
      'context',
    ),
    whenForgotten: 'split',
  },
  {
    table: 'conversation_states',
    about: 'questions of mine that you have not answered yet',
    references: [],
    others: ['key', 'state'],
    isTheirs: `split_part(t.key, ':', 3) = p.telegram_user_id::text`,
    shown: columns('updated_at', 'state'),
    whenForgotten: 'deleted',
  },
  {
    table: 'chat_members',
    about: 'team chats in which I saw you',
    references: ['user_id'],
    isTheirs: 't.user_id = p.id',
    shown: columns('chat_id', 'is_member', 'checked_at'),
    whenForgotten: 'deleted',
  },
  {
    table: 'upvotes',
    about: 'what you upvoted',
    references: ['user_id'],
    others: ['external_user_id'],
    isTheirs: `t.user_id = p.id or (${isTheirsByExternalId})`,
    shown: columns('item_id', 'created_at', 'withdrawn_at'),
    whenForgotten: 'deleted',
  },
  {
    table: 'reactions',
    about: 'your reactions under cards',
    references: ['user_id'],
    isTheirs: 't.user_id = p.id',
    shown: columns('item_id', 'chat_id', 'message_id', 'reaction', 'created_at', 'withdrawn_at'),
    whenForgotten: 'deleted',
  },
  {
    table: 'item_interactions',
    about: 'what recommendations learn from you',
    references: ['user_id'],
    others: ['external_user_id'],
    isTheirs: `t.user_id = p.id or (${isTheirsByExternalId})`,
    shown: columns('item_id', 'event_type', 'event_value', 'occurred_at', 'source', 'recommendation_id', 'synced_at'),
    whenForgotten: 'deleted',
  },
  {
    table: 'decisions',
    about: 'cards that you decided, and decisions that you took back',
    references: ['user_id', 'undone_by'],
    isTheirs: 't.user_id = p.id or t.undone_by = p.id',
    shown: {
      ...columns('queue_item_id', 'media_item_id', 'chat_id', 'decision', 'decided_at', 'reason', 'source'),
      handling_ms: `case when ${isYou('user_id')} then t.handling_ms end`,
      decided_by_you: isYou('user_id'),
      undone_at: 't.undone_at',
      undone_by_you: isYou('undone_by'),
    },
    whenForgotten: 'kept',
  },
  {
    table: 'approvals',
    about: 'cards that you approved',
    references: ['user_id'],
    isTheirs: 't.user_id = p.id',
    shown: columns('queue_item_id', 'voted_at'),
    whenForgotten: 'kept',
  },
  {
    table: 'audit_log',
    about: 'changes of roles, invitations and settings that you made or that are about you',
    references: ['actor_id', 'user_id'],
    others: ['before', 'after'],
    isTheirs: 't.actor_id = p.id or t.user_id = p.id',
    shown: {
      ...columns('at', 'action', 'chat_id'),
      done_by_you: isYou('actor_id'),
      about_you: isYou('user_id'),
      ...columns('before', 'after'),
    },
    whenForgotten: 'kept',
  },
  {
    table: 'invitations',
    about: 'invitations that you made or used',
    references: ['created_by', 'used_by'],
    isTheirs: 't.created_by = p.id or t.used_by = p.id',
    shown: {
      ...columns('role', 'created_at', 'expires_at', 'used_at'),
      made_by_you: isYou('created_by'),
      used_by_you: isYou('used_by'),
    },
    whenForgotten: 'kept',
  },
  {
    table: 'category_mix',
    about: 'proportions of categories that you set',
    references: ['changed_by'],
    isTheirs: 't.changed_by = p.id',
    shown: columns('chat_id', 'category', 'ratio', 'valid_from', 'valid_to'),
    whenForgotten: 'kept',
  },
  {
    table: 'chats',
    about: 'groups to which you added me',
    references: ['added_by'],
    isTheirs: 't.added_by = p.id',
    shown: columns('id', 'title', 'created_at'),
    whenForgotten: 'kept',
  },
  {
    table: 'media_items',
    about: 'media that you sent to me',
    references: ['added_by'],
    isTheirs: 't.added_by = p.id',
    shown: columns(
      'id',
      'kind',
      'file_name',
      'mime_type',
      'file_size',
      'category',
      'title',
      'caption',
      'link',
      'tags',
      'times_posted',
      'created_at',
    ),
    whenForgotten: 'kept',
  },
  {
    table: 'queue_items',
    about: 'cards that you brought into the queue, claimed, or asked to reject',
    references: ['added_by', 'claimed_by', 'reject_asked_by'],
    isTheirs: 't.added_by = p.id or t.claimed_by = p.id or t.reject_asked_by = p.id',
    shown: {
      ...columns('id', 'media_item_id', 'chat_id', 'scheduled_for', 'status', 'created_at'),
      added_by_you: isYou('added_by'),
      claimed_by_you: isYou('claimed_by'),
      claimed_at: `case when ${isYou('claimed_by')} then t.claimed_at end`,
      reject_asked_by_you: isYou('reject_asked_by'),
      reject_asked_at: `case when ${isYou('reject_asked_by')} then t.reject_asked_at end`,
    },
    whenForgotten: 'kept',
  },
  {
    table: 'job_runs',
    about: 'jobs that you started',
    references: ['requested_by'],
    others: ['figures'],
    isTheirs: 't.requested_by = p.id',
    shown: columns('job', 'slot', 'outcome', 'started_at', 'finished_at'),
    whenForgotten: 'kept',
  },
  {
    table: 'job_pauses',
    about: 'jobs that you let stand still',
    references: ['paused_by'],
    isTheirs: 't.paused_by = p.id',
    shown: columns('job', 'paused_at'),
    whenForgotten: 'kept',
  },
  {
    // An alert about a person carries their id at the end of its name, and their name in its words.
    table: 'alerts',
    about: 'notices to the admins that were about you',
    references: [],
    others: ['key', 'raised_message', 'cleared_message', 'detail'],
    isTheirs: `t.name like '%' || p.id`,
    shown: columns('name', 'raised_at', 'cleared_at', 'raised_message', 'cleared_message'),
    whenForgotten: 'deleted',
  },
  {
    table: 'users',
    about: 'who you are',
    references: [],
    others: ['telegram_user_id', 'username', 'first_name', 'last_name', 'language_code', 'email', 'external_id'],
    isTheirs: 't.id = p.id',
    shown: columns(
      'id',
      'telegram_user_id',
      'username',
      'first_name',
      'last_name',
      'language_code',
      'email',
      'role',
      'is_active',
      'has_started_bot',
      'external_id',
      'date_joined',
      'last_seen_at',
      'created_at',
    ),
    whenForgotten: 'deleted',
  },
];
