/** Formats are cached: making one costs more than using it a thousand times. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  let known = formats.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...options });
    formats.set(key, known);
  }
  return known;
}

/** `14:02` in the zone. */
export function clockTime(at: Date, timeZone: string): string {
  return format(timeZone, { hour: '2-digit', minute: '2-digit' }).format(at);
}

/** `Fri 20 Nov` for a local day that is given as `2026-11-20`. */
export function dayName(date: string): string {
  const day = format('UTC', { weekday: 'short', day: 'numeric', month: 'short' });
  return day.format(new Date(`${date}T00:00:00Z`)).replace(',', '');
}

/** `Fri 20 Nov 14:02` in the zone; the year is added when it is not the year of `now`. */
export function dayAndTime(at: Date, timeZone: string, now: Date): string {
  const year = format(timeZone, { year: 'numeric' });
  const sameYear = year.format(at) === year.format(now);
  const day = format(timeZone, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
  return `${day.format(at).replace(',', '')} ${clockTime(at, timeZone)}`;
}

/** `today 14:02`, `tomorrow 14:02`, else as `dayAndTime`: what a person would say. */
export function nearTime(at: Date, timeZone: string, now: Date): string {
  const day = format(timeZone, { year: 'numeric', month: '2-digit', day: '2-digit' });
  const today = day.format(now);
  if (day.format(at) === today) return `today ${clockTime(at, timeZone)}`;
  if (at > now && day.format(new Date(at.getTime() - 86_400_000)) === today)
    return `tomorrow ${clockTime(at, timeZone)}`;
  return dayAndTime(at, timeZone, now);
}

/** `Friday 27 November, 02:00` in the zone; the year is added when it is not the year of `now`. */
export function longDayAndTime(at: Date, timeZone: string, now: Date): string {
  const year = format(timeZone, { year: 'numeric' });
  const day = format(timeZone, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(year.format(at) === year.format(now) ? {} : { year: 'numeric' }),
  });
  return `${day.format(at).replace(',', '')}, ${clockTime(at, timeZone)}`;
}

/** `2 d 5 h`, `5 h 12 min`, `12 min`, `40 s`: the two largest units of a duration. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return '0 s';
  const shown = parts.slice(first, first === 2 ? 3 : first + 2).filter(([value]) => value > 0);
  return shown.map(([value, unit]) => `${value} ${unit}`).join(' ');
}

/** Whether this is a zone that the runtime knows (IANA name). */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
