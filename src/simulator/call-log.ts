import type { Call } from './bot-api/call-history.ts';
import { type CallView, callView } from './call-view.ts';

export type CallLog = ReturnType<typeof createCallLog>;

const KEPT = 200;

/** The newest calls as the page shows them. Its size is bounded, also when the simulator remembers no calls itself. */
export function createCallLog() {
  let views: CallView[] = [];
  return {
    /** Writes a call down; `undefined` when it is not worth showing. */
    add(call: Call): CallView | undefined {
      const view = callView(call);
      if (view !== undefined) views = [...views.slice(1 - KEPT), view];
      return view;
    },
    /**
     * The calls after the one with this number, oldest first. A number beyond the newest is one of an earlier run of
     * the process: then all of them.
     */
    after(sequence: number): CallView[] {
      const newest = views.at(-1)?.sequence ?? 0;
      return sequence > newest ? views : views.filter((view) => view.sequence > sequence);
    },
  };
}
