import { agree, shown } from './team-agreement.ts';
import { add, next, nextAgain, pauseOrResume, writeReason } from './team-commands.ts';
import type { Run, Step, TapStep } from './team-step.ts';
import { account, again, press, queryIdOf, tap } from './team-taps.ts';

/** A tap waits at Telegram for so long. */
const BEYOND_TELEGRAM_MS = 150_000;

/** Taps while the bot is away are honoured when it is back, in their order; Telegram forgets them after 150 s. */
async function restart(run: Run, { ms, taps }: { ms: number; taps: TapStep[] }): Promise<void> {
  const { model, real } = run;
  await real.down();
  const pressed = taps.flatMap((step) => press(run, step) ?? []);
  await real.pass(ms);
  await real.up();
  model.restarted();
  await real.settle();
  if (ms < BEYOND_TELEGRAM_MS) {
    for (const one of pressed) {
      run.taps.push(one);
      await account(run, one, queryIdOf(one.update));
    }
  }
  await agree(run);
}

/**
 * The group becomes a supergroup while people tap. Either the service messages bring the news, or the refusal of a card
 * that is due while the bot does not fetch updates.
 */
async function migrate(run: Run, { isErrorFirst, taps }: { isErrorFirst: boolean; taps: TapStep[] }): Promise<void> {
  const { model, real } = run;
  await real.down();
  const before = taps.flatMap((step) => press(run, step) ?? []);
  const group = real.telegram.migrate(real.group());
  if (isErrorFirst && real.jobs) {
    // Telegram takes no card for the old group, and says where to; the next look sends it there.
    const [planned] = model.pending();
    if (planned && planned.at > real.now()) await real.pass(Math.min(planned.at - real.now(), BEYOND_TELEGRAM_MS - 1));
    await real.jobs.deliverDue();
  }
  await real.up();
  model.restarted();
  await real.settle();
  real.moved(group);
  for (const one of before) {
    run.taps.push(one);
    await account(run, one, queryIdOf(one.update));
  }
  model.migrate();
  await agree(run);
}

async function deliver(run: Run): Promise<void> {
  const { model, real } = run;
  const [planned] = model.pending();
  if (planned && planned.at > real.now()) await real.pass(planned.at - real.now());
  const due = model.due(real.now());
  await real.jobs?.deliverDue();
  if (due) shown(run, due);
  await agree(run);
}

/** Whether a step makes sense now; what does not is left out. */
export function isPossible(step: Step, { model, real }: Pick<Run, 'model' | 'real'>): boolean {
  const count = real.people.length;
  switch (step.do) {
    case 'late':
      return model.sent().length > 0;
    case 'tap':
      return step.by < count && model.sent().length > 0;
    case 'write reason':
      return step.by < count && model.here[step.by] === true && model.sent().length > 0;
    case 'next':
    case 'pause':
    case 'resume':
      return step.by < count && model.here[step.by] === true;
    case 'add':
      return step.by < count && model.mayDecide(step.by);
    case 'leave':
      return step.who < count && model.here[step.who] === true;
    case 'return':
      return step.who < count && model.here[step.who] === false;
    case 'migrate':
      return real.group().type === 'group';
    default:
      return true;
  }
}

/** Does a step on both sides and compares everything. Throws where they differ. */
export async function runStep(step: Step, run: Run): Promise<void> {
  const { model, real } = run;
  switch (step.do) {
    case 'tap':
      return tap(run, step);
    case 'late':
      await tap(run, step.first);
      await real.pass(step.after);
      return tap(run, step.second);
    case 'again':
      return again(run, step);
    case 'wait':
      await real.pass(step.ms);
      return;
    case 'add':
      return add(run, step.by);
    case 'deliver':
      return deliver(run);
    case 'next':
      return next(run, step.by);
    case 'next again':
      return nextAgain(run, step.back);
    case 'write reason':
      return writeReason(run, step);
    case 'pause':
    case 'resume':
      return pauseOrResume(run, step);
    case 'settings':
      model.change(step.patch);
      await real.change(model.setting());
      return agree(run);
    case 'look after':
      model.lookAfter(real.now());
      await real.jobs?.lookAfter();
      await real.settle();
      return agree(run);
    case 'restart':
      return restart(run, step);
    case 'migrate':
      return migrate(run, step);
    case 'leave':
    case 'return': {
      const person = real.people[step.who];
      if (person) real.telegram.setMember(real.group(), person, step.do === 'leave' ? 'left' : 'member');
      model.here[step.who] = step.do === 'return';
      await real.settle();
      return agree(run);
    }
  }
}
