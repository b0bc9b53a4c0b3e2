const MOST_PANES = 3;

/** The panes that an address names: `#<person>/<chat>`, and further ones after a plus. */
export function panesOf(hash) {
  return hash
    .replace(/^#/, '')
    .split('+')
    .filter((part) => part !== '')
    .slice(0, MOST_PANES)
    .map((part) => {
      const [person, chat] = part.split('/');
      return { person: Number(person), chat: chat === undefined ? undefined : Number(chat) };
    });
}

/** The address that names these panes; a pane without a chat shows the list on a phone. */
export function addressOf(panes) {
  const parts = panes.map(({ person, chat, isNamed = true }) =>
    isNamed && chat !== undefined ? `${person}/${chat}` : `${person}`,
  );
  return `#${parts.join('+')}`;
}

/** The address after one pane has become another one. */
export function addressWith(panes, index, pane) {
  return addressOf(panes.map((old, at) => (at === index ? pane : old)));
}

export const mayOpenBeside = (panes) => panes.length < MOST_PANES;
