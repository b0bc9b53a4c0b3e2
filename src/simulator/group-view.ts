import type { Simulator } from './simulator-interface.ts';
import { isPresent, ownerOf } from './world/members.ts';
import { botIsMember } from './world/visibility.ts';
import { chatRecord } from './world/world.ts';

/** A group as somebody sees it who need not be in it. `members`: people, not bots. */
export type GroupView = {
  id: number;
  title: string;
  type: 'group' | 'supergroup';
  owner: number | null;
  members: number[];
  botIsMember: boolean;
  migratedTo: number | null;
};

/** Every group there is. */
export function groupsView(telegram: Simulator): GroupView[] {
  return telegram.groups().map(({ id, title, type }) => {
    const record = chatRecord(telegram.world, { id });
    const present = [...record.members.values()].filter(({ status, user }) => isPresent(status) && !user.is_bot);
    return {
      id,
      title,
      type,
      owner: ownerOf(record)?.id ?? null,
      members: present.map(({ user }) => user.id),
      botIsMember: botIsMember(telegram.world, record),
      migratedTo: record.migratedTo ?? null,
    };
  });
}
