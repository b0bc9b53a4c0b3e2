import { type ArmedFault, type Fault, type FaultOptions, faultWord } from './bot-api/faults.ts';
import { findMethod } from './bot-api/method-table.ts';
import type { FaultRequest } from './page-requests.ts';
import type { Simulator } from './simulator-interface.ts';

/** An armed fault as the page lists it. `seconds`: how long to wait, or how long an answer takes. */
export type ArmedFaultView = { id: number; kind: string; method: string; left: number; seconds?: number };

const DEFAULT_SECONDS = 5;
/** Not a method, but something that can fail: the bytes of a file. */
const DOWNLOAD = 'downloadFile';

/**
 * Arms what the page's menu offers. `*` leaves out getUpdates, so that the bot goes on hearing. Throws for a method
 * that the simulator does not have.
 */
export function armFault(telegram: Simulator, request: FaultRequest): void {
  const { kind, times, seconds = DEFAULT_SECONDS } = request;
  const everything: FaultOptions = request.method === '*' ? { where: (_, method) => method !== 'getUpdates' } : {};
  telegram.arm(methodName(request.method), faultOf(kind, seconds), { times, ...everything });
}

function methodName(given: string): string {
  if (given === '*' || given === DOWNLOAD) return given;
  const found = findMethod(given);
  if (found === undefined) throw new Error(`The simulator has no method ${given}`);
  return found.name;
}

function faultOf(kind: FaultRequest['kind'], seconds: number): Fault {
  switch (kind) {
    case '429': {
      const description = `Too Many Requests: retry after ${seconds}`;
      return { error: { code: 429, description, parameters: { retry_after: seconds } } };
    }
    case '403':
      return { error: { code: 403, description: 'Forbidden: bot was blocked by the user' } };
    case '500':
      return { error: { code: 500, description: 'Internal Server Error' } };
    case 'cut before':
      return { cut: 'before' };
    case 'cut after':
      return { cut: 'after' };
    case 'slow':
      return { delayMs: seconds * 1000 };
  }
}

/** What is armed, oldest first. */
export function armedFaults(telegram: Simulator): ArmedFaultView[] {
  return telegram.armed().map(({ id, method, fault, left }: ArmedFault) => {
    const seconds = secondsOf(fault);
    const kind = 'error' in fault ? String(fault.error.code) : faultWord(fault);
    return { id, kind, method, left, ...(seconds === undefined ? {} : { seconds }) };
  });
}

function secondsOf(fault: Fault): number | undefined {
  if ('delayMs' in fault) return fault.delayMs / 1000;
  return 'error' in fault ? fault.error.parameters?.retry_after : undefined;
}
