import { onTestFinished } from 'vitest';
import type { SimulatorOptions } from '../../src/simulator/simulator.ts';
import { startTelegram } from './cast.ts';

export type PageEvent = { kind: string };

/** The fixed cast, and the page's requests to its server. */
export async function startPage(options: SimulatorOptions = {}) {
  const world = await startTelegram(options);
  const address = (path: string) => `${world.telegram.url}simulator/${path}`;
  const answered = async (response: Response) => ({
    status: response.status,
    body: (await response.json().catch(() => undefined)) as unknown,
  });
  return {
    ...world,
    get: async (path: string) => answered(await fetch(address(path))),
    post: async (path: string, body: unknown, headers: Record<string, string> = {}) =>
      answered(
        await fetch(address(path), {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
        }),
      ),
    /** Sends a form; a list becomes several fields of the same name. */
    postForm: async (path: string, fields: Record<string, string | number | File | readonly File[]>) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) {
        for (const part of Array.isArray(value) ? value : [value]) {
          form.append(name, part instanceof File ? part : String(part));
        }
      }
      return answered(await fetch(address(path), { method: 'POST', body: form }));
    },
  };
}

/** The page's events from now on; the stream is open when this resolves. */
export async function listen(url: string) {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const response = await fetch(`${url}simulator/events`, { signal: controller.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return async function until(predicate: (event: PageEvent) => boolean): Promise<object> {
    for (;;) {
      const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as PageEvent);
      const found = events.find(predicate);
      if (found !== undefined) return found;
      const part = await reader?.read();
      if (part === undefined || part.done) throw new Error(`The stream ended after ${text}`);
      text += part.value;
    }
  };
}
