import { badRequest } from './bot-api-error.ts';
import type { Payload } from './request-payload.ts';

/** Readers of single parameters. Like Telegram they take numbers and booleans as text too. */

/** A whole number, or `undefined` when it is not given. Throws 400 for anything else. */
export function optionalInteger(payload: Payload, name: string): number | undefined {
  const value = payload[name];
  if (value === undefined || value === null || value === '') return undefined;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw badRequest(`field "${name}" must be of type Number`);
}

/** A whole number that has to be there. */
export function integer(payload: Payload, name: string, whenMissing: string): number {
  const value = optionalInteger(payload, name);
  if (value === undefined) throw badRequest(whenMissing);
  return value;
}

/** A text, '' when it is not given. Throws 400 when it holds half of a surrogate pair. */
export function text(payload: Payload, name: string): string {
  const value = payload[name];
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') throw badRequest(`field "${name}" must be of type String`);
  return wellFormed(value);
}

/** True and false as Telegram reads them. */
export function flag(payload: Payload, name: string): boolean {
  const value = payload[name];
  if (value === undefined || value === null || value === '') return false;
  if (typeof value === 'boolean') return value;
  const word = String(value).toLowerCase();
  return word === 'true' || word === 'yes' || word === '1';
}

/** A list, or `undefined` when it is not given. */
export function optionalList(payload: Payload, name: string): unknown[] | undefined {
  const value = payload[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (!Array.isArray(value)) throw badRequest(`field "${name}" must be of type Array`);
  return value;
}

/** Throws for text that has no UTF-8 form, for example one that was cut inside an emoji. */
export function wellFormed(value: string): string {
  if (!value.isWellFormed()) throw badRequest('strings must be encoded in UTF-8');
  return value;
}
