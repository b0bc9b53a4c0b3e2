import { useEffect, useRef } from 'preact/hooks';
import * as server from '../server.js';
import { trying } from '../state/notices.js';

/** A chat is read when its end is in sight of somebody: the window in front, the pane shown, scrolled to the end. */
export function isInSight({ scroller, stick }) {
  const isInFront = document.visibilityState === 'visible' && document.hasFocus();
  return isInFront && scroller.current?.clientHeight > 0 && stick.current;
}

/** Tells the server what has been read, as soon as it has. */
export function useReading({ person, chat, views, pane }, scrolling) {
  const readTo = useRef(0);
  const newest = views.at(-1)?.message.message_id ?? 0;
  const look = useRef();
  look.current = () => {
    if (newest <= readTo.current || !isInSight(scrolling)) return;
    readTo.current = newest;
    void trying(() => server.read({ person, chat, messageId: newest }), pane);
  };
  useEffect(() => look.current(), [newest, scrolling.isAway]);
  useEffect(() => {
    const again = () => look.current();
    const observer = new ResizeObserver(again);
    observer.observe(scrolling.scroller.current);
    addEventListener('focus', again);
    document.addEventListener('visibilitychange', again);
    return () => {
      observer.disconnect();
      removeEventListener('focus', again);
      document.removeEventListener('visibilitychange', again);
    };
  }, []);
}
