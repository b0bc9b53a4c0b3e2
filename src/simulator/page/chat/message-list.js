import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { Badge } from '../parts/badge.js';
import { Icon } from '../parts/icon.js';
import { toast } from '../state/notices.js';
import { chatIn, now, useStore } from '../state/store.js';
import { byDay, listItems } from './list-items.js';
import { Message } from './message.js';
import { isInSight, useReading } from './reading.js';
import { useScrolling } from './scrolling.js';

const FOUND_MS = 1800;

/** The messages of a chat, as one person sees them. Drawn anew (by its key) for every person and chat. */
export function MessageList({ place, pane, views, isGroup }) {
  const { person, chat } = place;
  const scrolling = useScrolling(toUnreadLine);
  const { scroller, list, stick, isAway, onScroll, toEnd } = scrolling;
  const firstUnread = useUnreadLine(place, views, scrolling);
  const items = useMemo(() => listItems(views, firstUnread), [views, firstUnread]);
  const newest = views.at(-1)?.message;
  const seen = useRef(0);

  useLayoutEffect(() => {
    const isNew = newest?.message_id > seen.current;
    if (isNew && seen.current > 0 && newest.from.id === person) toEnd();
    else if (stick.current) scroller.current.scrollTop = scroller.current.scrollHeight;
    seen.current = newest?.message_id ?? 0;
  }, [views]);
  const found = useJumps(pane, chat, items, scrolling);
  useReading({ person, chat, views, pane }, scrolling);

  const unread = useStore((known) => chatIn(place)(known)?.unread ?? 0);
  return html`
    <div class="scroll" ref=${scroller} onScroll=${onScroll} onKeyDown=${moveBetweenMessages}>
      <div class="messages" ref=${list} role="log" aria-live="polite" aria-label="Messages">
        ${byDay(items).map(
          (ofDay) => html`
            <ol key=${ofDay[0].key}>
              ${ofDay.map((item) =>
                item.kind === 'message'
                  ? html`<${Message} key=${item.key} ...${item} kind=${undefined} person=${person} pane=${pane}
                      isGroup=${isGroup} isFound=${item.key === found} />`
                  : html`<li key=${item.key} class=${`service ${item.kind}`} data-message=${item.key}>
                      <span dir="auto">${item.words ?? 'New messages'}</span>
                    </li>`,
              )}
            </ol>
          `,
        )}
      </div>
    </div>
    <button type="button" class="to-newest" hidden=${!isAway} title="Go to the newest message" onClick=${toEnd}>
      <${Icon} name="down" /><span class="unseen">Go to the newest message</span><${Badge} count=${unread} />
    </button>
  `;
}

/** Where reading goes on: below the line "New messages", if what follows does not fit anyway. */
function toUnreadLine({ scroller, list, scrollTo }) {
  const line = list.querySelector('.unread');
  if (line !== null && scroller.scrollHeight > scroller.clientHeight) scrollTo(line.offsetTop - 56);
}

/** The message above which "New messages" stands: the first that came unread, until the person writes. */
function useUnreadLine(place, views, scrolling) {
  const known = useRef();
  const [first, setFirst] = useState(() => firstOfUnread(views, place.person, chatIn(place)(now())?.unread ?? 0));
  useLayoutEffect(() => {
    const newest = views.at(-1)?.message;
    const isNew = known.current !== undefined && newest?.message_id > known.current;
    known.current = newest?.message_id ?? 0;
    if (!isNew) return;
    if (newest.from.id === place.person) setFirst(undefined);
    else if (first === undefined && !isInSight(scrolling)) setFirst(newest.message_id);
  }, [views]);
  return first;
}

function firstOfUnread(views, person, count) {
  const others = views.filter(({ message }) => message.from.id !== person);
  return count === 0 ? undefined : others.at(-Math.min(count, others.length))?.message.message_id;
}

/** The number of the newest jump that was made, so that a list which is drawn anew does not make it again. */
let madeJump = 0;

/** Goes to the message that was asked for and marks it for a moment. The key of the marked item. */
function useJumps(pane, chat, items, { list, leaveEnd }) {
  const jump = useStore((known) => (known.jump?.pane === pane && known.jump.chat === chat ? known.jump : undefined));
  const [found, setFound] = useState();
  useLayoutEffect(() => {
    if (jump === undefined || jump.number <= madeJump) return undefined;
    madeJump = jump.number;
    const isAsked = ({ message }) => message.message_id === jump.messageId;
    const item = items.find(({ key, views }) => key === jump.messageId || views?.some(isAsked));
    if (item === undefined) {
      toast('This message is not there (any more)', pane);
      return undefined;
    }
    leaveEnd();
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const place = list.current.querySelector(`[data-message="${item.key}"]`);
    place.scrollIntoView({ block: 'center', behavior: isCalm ? 'auto' : 'smooth' });
    setFound(item.key);
    const timer = setTimeout(() => setFound(undefined), FOUND_MS);
    return () => clearTimeout(timer);
  }, [jump]);
  return found;
}

/** With the focus in a message the arrow keys go to the next and the one before. */
function moveBetweenMessages(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const item = event.target.closest?.('.message');
  if (step === undefined || !item || event.target.closest('video, pre')) return;
  event.preventDefault();
  const all = [...event.currentTarget.querySelectorAll('.message')];
  all[all.indexOf(item) + step]?.querySelector('.more').focus();
}
