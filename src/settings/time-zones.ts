/** Names of zones that people type, without what they type differently: `New York`, `new_york`. */
function plain(name: string): string {
  return name.trim().toLowerCase().replace(/\s+/g, '_');
}

/**
 * The IANA name for what was typed, whatever its case: one of the runtime's list, else an alias that the runtime and
 * PostgreSQL know (`Europe/Kyiv`, `UTC`, `CET`). Undefined for everything else, bare offsets like +02:00 included: they
 * know no summer time.
 */
export function findTimeZone(typed: string): string | undefined {
  const wanted = plain(typed);
  const listed = Intl.supportedValuesOf('timeZone').find((name) => name.toLowerCase() === wanted);
  if (listed) return listed;
  if (!/^[a-z][a-z0-9_+/-]{1,40}$/.test(wanted)) return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: wanted });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  if (!wanted.includes('/')) return wanted.toUpperCase();
  const asTyped = typed.trim().replace(/\s+/g, '_');
  if (asTyped !== wanted) return asTyped;
  return wanted.replace(/(^|[/_-])([a-z])/g, (_whole, before: string, letter: string) => before + letter.toUpperCase());
}

/**
 * Zones of the list that fit what was typed, the best first: places of that name, places that begin so, then names that
 * contain it. At most `limit`.
 */
export function suggestTimeZones(typed: string, limit = 5): string[] {
  const wanted = plain(typed);
  if (wanted.length < 2) return [];
  const rank = (name: string): number => {
    const lower = name.toLowerCase();
    const place = lower.slice(lower.lastIndexOf('/') + 1);
    if (place === wanted) return 0;
    if (place.startsWith(wanted)) return 1;
    if (lower.includes(wanted)) return 2;
    return place.length > 3 && wanted.includes(place) ? 3 : 4;
  };
  return Intl.supportedValuesOf('timeZone')
    .map((name) => ({ name, rank: rank(name) }))
    .filter(({ rank: place }) => place < 4)
    .sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name))
    .slice(0, limit)
    .map(({ name }) => name);
}
