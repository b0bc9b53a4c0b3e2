import { element, toast } from './elements.js';

/** The inline keyboard below a message. */
export function keyboardElement(message, handlers) {
  const rows = message.reply_markup.inline_keyboard.map((row) =>
    element('div', { class: 'keys' }, ...row.map((button) => keyElement(message, button, handlers))),
  );
  return element('div', { class: 'keyboard', role: 'group', 'aria-label': 'Buttons of this message' }, ...rows);
}

function keyElement(message, button, handlers) {
  const look = { class: `key ${button.style ?? ''}`, type: 'button' };
  if (button.callback_data !== undefined) {
    const onclick = (event) => handlers.onPress(message, button.callback_data, event.currentTarget);
    return element('button', { ...look, onclick, 'data-callback': button.callback_data }, button.text);
  }
  if (button.url !== undefined) {
    const about = { class: look.class, href: button.url, target: '_blank', rel: 'noreferrer noopener' };
    return element('a', about, `${button.text} ↗`);
  }
  if (button.copy_text !== undefined) {
    const onclick = async () => {
      await navigator.clipboard.writeText(button.copy_text.text);
      toast('Copied');
    };
    return element('button', { ...look, onclick }, button.text);
  }
  return element('button', { ...look, disabled: true }, button.text);
}
