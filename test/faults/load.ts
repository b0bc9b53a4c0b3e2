import type { InlineKeyboardButton, Message } from 'grammy/types';
import type { Group, Person, Simulator, TapAnswer } from '../../src/simulator/simulator.ts';
import { picture } from '../support/picture.ts';
import type { Random } from './random.ts';

/** A tap that somebody made, and what came of it: undefined while nobody has answered. */
export type MadeTap = { by: number; messageId: number; data: string; at: number; answer?: TapAnswer | 'expired' };

export type Load = {
  readonly taps: readonly MadeTap[];
  /** Nobody does anything any more. */
  stop(): void;
};

/** Cards that people look at: nobody scrolls far up. */
const IN_SIGHT = 12;
/** With fewer open cards than this in sight, somebody asks for the next one rather than tapping. */
const FEW_OPEN = 3;
/** Of a hundred taps this many have a second person tap on the same card at the same moment. */
const RACES = 15;

/**
 * People who do, at random times around `perSecond`, what a team does all day: they press whatever buttons the cards
 * show (Posted, Skip, Reject and its Yes and No, Undo, "I'm on it", 👍), ask for `/next` and send pictures. The same seed
 * makes the same choices as long as the bot shows the same cards.
 */
export function startLoad(options: {
  telegram: Simulator;
  group: Group;
  people: readonly Person[];
  random: Random;
  perSecond: number;
  /** Numbers of pictures that were not sent before. */
  nextPicture: () => number;
}): Load {
  const { telegram, group, people, random, perSecond, nextPicture } = options;
  const taps: MadeTap[] = [];
  let timer: NodeJS.Timeout | undefined;

  function press(person: Person, card: Message): void {
    const data = random.pick(buttonsOf(card));
    if (data === undefined) return;
    const tap: MadeTap = { by: person.id, messageId: card.message_id, data, at: performance.now() };
    taps.push(tap);
    void person.tap(group, data, { messageId: card.message_id }).then((answer) => {
      tap.answer = answer;
    });
  }

  function act(): void {
    const person = random.pick(people);
    if (!person) return;
    const dice = random.below(100);
    const cards = telegram
      .messages(group)
      // What is posted keeps its 👍 for ever; a team looks at what is to be done.
      .filter((message) => buttonsOf(message).some((data) => !data.startsWith('upvote:')))
      .slice(-IN_SIGHT);
    const open = cards.filter((card) => buttonsOf(card).some((data) => data.startsWith('posted:')));
    const card = random.pick(cards);
    if (dice < 20) {
      const bytes = picture(nextPicture());
      person.sendMedia(person.privateChat, { kind: 'photo', bytes });
    } else if (dice < 40 || open.length < FEW_OPEN || !card) person.send(group, '/next');
    else {
      press(person, card);
      const other = random.pick(people);
      if (other && random.below(100) < RACES) press(other, card);
    }
  }

  const goOn = () => {
    // Exponential pauses: people come in bunches, not by the clock.
    timer = setTimeout(
      () => {
        act();
        goOn();
      },
      Math.min(5000, (-Math.log(1 - random.next()) * 1000) / perSecond),
    );
  };
  goOn();
  return { taps, stop: () => clearTimeout(timer) };
}

/** What the buttons of a message send. ℹ️ shows facts and changes nothing, so nobody presses it here. */
function buttonsOf({ reply_markup: markup }: Message): string[] {
  return (markup?.inline_keyboard.flat() ?? []).flatMap((button: InlineKeyboardButton) =>
    'callback_data' in button && !button.callback_data.startsWith('queue:details:') ? [button.callback_data] : [],
  );
}
