import { useRef } from 'preact/hooks';

const LONG_MS = 500;
const STILL_PX = 10;

/** Listeners that call `onLong` with a place when a finger rests, or at a click with the other mouse button. */
export function useLongPress(onLong) {
  const touch = useRef();
  const end = () => {
    clearTimeout(touch.current?.timer);
    touch.current = undefined;
  };
  return {
    onContextMenu: (event) => {
      end();
      // Who has selected words wants the browser's own menu, to copy them.
      if (event.defaultPrevented || !getSelection().isCollapsed) return;
      event.preventDefault();
      onLong({ x: event.clientX, y: event.clientY });
    },
    onTouchStart: ({ touches: [finger] }) => {
      end();
      const at = { x: finger.clientX, y: finger.clientY };
      const press = () => {
        touch.current = { hasOpened: true };
        onLong(at);
      };
      touch.current = { ...at, timer: setTimeout(press, LONG_MS) };
    },
    onTouchMove: ({ touches: [finger] }) => {
      const from = touch.current;
      if (from && Math.hypot(finger.clientX - from.x, finger.clientY - from.y) > STILL_PX) end();
    },
    onTouchEnd: (event) => {
      // Otherwise the finger that leaves would tap what has opened below it.
      if (touch.current?.hasOpened) event.preventDefault();
      end();
    },
    onTouchCancel: end,
  };
}
