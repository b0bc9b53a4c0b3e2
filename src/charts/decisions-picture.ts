import { dayBars } from './day-bars.ts';
import type { Fonts } from './fonts.ts';
import { GROUND, type Kind } from './palette.ts';
import { GAP, MARGIN, type Panel, WIDTH } from './panel.ts';
import { peopleBars } from './people-bars.ts';
import { pictureHead } from './picture-head.ts';
import { element } from './svg.ts';
import { createTypesetter } from './typesetter.ts';
import { weekHours } from './week-hours.ts';

/** Decisions of each kind. */
export type KindCounts = Readonly<Record<Kind, number>>;

/** A local day, `YYYY-MM-DD` in the picture's zone. */
export type DayCounts = { date: string } & KindCounts;
/** Decisions in an hour of the week: 1 is Monday, 7 is Sunday; the hour is 0 to 23. */
export type HourCount = { weekday: number; hour: number; count: number };
export type PersonCounts = { name: string } & KindCounts;

/** What a picture shows: plain data, already in the zone's days and hours. */
export type DecisionsPicture = {
  /** A chat's or a person's name, whatever characters it has. */
  title: string;
  /** The zone of days and hours, as people name it. */
  timeZone: string;
  /** Every day of the time asked for, empty ones too, the oldest first. */
  days: readonly DayCounts[];
  /** The day that the picture is about; the others stand beside it for comparison only, and head and legend leave them out. */
  focus?: string;
  /** As many days as `days`, those before them: marks across the bars. */
  before?: readonly DayCounts[];
  /** Hours without decisions may be missing; with none at all there is no panel of them. */
  hours: readonly HourCount[];
  /** The shares of people; absent in the picture of one person. */
  people?: readonly PersonCounts[];
};

/** An SVG and the font files that it needs. */
export type DrawnPicture = { svg: string; fontFiles: Uint8Array[] };

/**
 * Decisions per day, by hour and weekday and, of a team, per person, one under the other: a picture 1080 wide whose
 * smallest letters (26) are still read where a phone shows it 390 wide. Pure: equal data give equal bytes.
 */
export function drawDecisionsPicture(picture: DecisionsPicture, fonts: Fonts): DrawnPicture {
  const typesetter = createTypesetter(fonts);
  const { focus } = picture;
  const days = focus === undefined ? picture.days : picture.days.filter(({ date }) => date === focus);
  const total = days.reduce((sum, day) => sum + day.posted + day.skipped + day.rejected, 0);
  const panels: Panel[] = [
    pictureHead({ ...picture, days }, total, typesetter),
    dayBars(picture, typesetter),
    ...(total > 0 && picture.hours.length > 0 ? [weekHours(picture.hours, typesetter)] : []),
    ...(total > 0 && picture.people ? [peopleBars(picture.people, typesetter)] : []),
  ];
  let y = 0;
  const placed = panels.map(({ height, content }) => {
    const group = element('g', { transform: `translate(${MARGIN} ${y})` }, content);
    y += height + GAP;
    return group;
  });
  const height = y - GAP + MARGIN;
  const svg = element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width: WIDTH, height, viewBox: `0 0 ${WIDTH} ${height}` },
    [element('rect', { width: WIDTH, height, fill: GROUND }), ...placed],
  );
  return { svg, fontFiles: typesetter.files() };
}
