import { useLayoutEffect, useState } from 'preact/hooks';
import { useStore } from '../state/store.js';

const NONE = [];

/**
 * The commands that the bot offers this person in this chat, opened by a slash or the button, chosen by keys or a tap.
 * `onKey` says whether it has used a key.
 */
export function useCommandMenu({ key, words, onChoose }) {
  const commands = useStore((known) => known.commands[key] ?? NONE);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const isTyping = /^\/\w*$/.test(words);
  const typed = isTyping ? words.slice(1).toLowerCase() : '';
  const fitting = commands.filter(({ command }) => command.startsWith(typed));
  useLayoutEffect(() => {
    setOpen(isTyping);
    setChosen(-1);
  }, [words]);

  const close = () => setOpen(false);
  const isShown = isOpen && (fitting.length > 0 || !isTyping);
  const choose = (command) => {
    close();
    onChoose(command);
  };
  const onKey = (event) => {
    if (!isShown) return false;
    if (event.key === 'Escape') close();
    else if (fitting.length === 0) return false;
    else if (event.key === 'ArrowDown') setChosen((chosen + 1) % fitting.length);
    else if (event.key === 'ArrowUp') setChosen(chosen <= 0 ? fitting.length - 1 : chosen - 1);
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen >= 0) choose(fitting[chosen].command);
    else return false;
    event.preventDefault();
    return true;
  };
  return {
    isOpen: isShown,
    commands,
    fitting,
    chosen,
    choose,
    close,
    onKey,
    toggle: () => setOpen(!isShown),
    chosenId: (pane) => (isShown && chosen >= 0 ? optionId(pane, fitting[chosen].command) : undefined),
  };
}

export const optionId = (pane, command) => `command-${pane}-${command}`;
