import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';

const NEAR_PX = 120;

/**
 * Scrolling of a list that grows at its end. Whoever is at the end stays there when something grows late or the window
 * shrinks. `scroller` and `list` are refs for the two elements; `isAway` says that the reader is further up.
 * `onFirstShown` may scroll elsewhere as soon as the list has a size: on a phone it is drawn before it is seen.
 */
export function useScrolling(onFirstShown) {
  const isShown = useRef(false);
  const scroller = useRef();
  const list = useRef();
  const stick = useRef(true);
  const height = useRef(0);
  const [isAway, setAway] = useState(false);

  const toEnd = useCallback(() => {
    stick.current = true;
    setAway(false);
    scroller.current.scrollTop = scroller.current.scrollHeight;
  }, []);
  const leaveEnd = useCallback(() => {
    stick.current = false;
  }, []);
  const look = useCallback(() => {
    const { scrollHeight, scrollTop, clientHeight } = scroller.current;
    stick.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    setAway(!stick.current);
  }, []);
  const scrollTo = useCallback((top) => {
    scroller.current.scrollTop = top;
    look();
  }, []);
  const onScroll = useCallback(() => {
    // A change of height scrolls, too; that is not the reader's doing.
    if (scroller.current.scrollHeight === height.current) look();
  }, []);

  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => {
      height.current = scroller.current.scrollHeight;
      if (!isShown.current && scroller.current.clientHeight > 0) {
        isShown.current = true;
        onFirstShown({ scroller: scroller.current, list: list.current, scrollTo });
      }
      if (stick.current) scroller.current.scrollTop = height.current;
    });
    observer.observe(list.current);
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);

  return { scroller, list, stick, isAway, onScroll, scrollTo, toEnd, leaveEnd };
}
