import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** These files mostly wait: for processes that start and stop, and for limits of time that they have. */
const WAITING = /\/test\/process\//;
/** Where that many files run at once, one of them waits. */
const AT_ONCE = 3;

/**
 * The order of the files: long ones first, as Vitest has it, and the waiting ones spread among them, so that they wait while
 * others use the cores.
 */
export class WaitingFilesAmongOthers extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const others = sorted.filter(({ moduleId }) => !WAITING.test(moduleId));
    for (const [index, file] of sorted.filter(({ moduleId }) => WAITING.test(moduleId)).entries()) {
      others.splice(index * AT_ONCE, 0, file);
    }
    return others;
  }
}
