import { useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { optionId } from './use-command-menu.js';

/** The open list of commands above the composer. The focus stays in the text; the keys are handled there. */
export function CommandMenu({ id, pane, menu }) {
  const list = useRef();
  const { isOpen, commands, fitting, chosen, choose } = menu;
  useLayoutEffect(() => {
    list.current.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return html`
    <div ref=${list} id=${id} class="commands" role="listbox" aria-label="Commands" tabindex="-1" hidden=${!isOpen}>
      ${fitting.map(
        ({ command, description }, index) => html`
          <div key=${command} role="option" id=${optionId(pane, command)} aria-selected=${index === chosen}
            onMouseDown=${(event) => event.preventDefault()} onClick=${() => choose(command)}>
            <b>/${command}</b><span>${description}</span>
          </div>
        `,
      )}
      ${commands.length === 0 && html`<p class="none">The bot has set no commands here</p>`}
    </div>
  `;
}
