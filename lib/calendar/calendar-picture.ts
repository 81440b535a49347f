/**
 * The calendar of regions as a picture: a row for each region, a column for each UTC day, the window where it lies in
 * its day, coloured by tier; a mark where the clock there changes. SVG made of text alone, the same for the same
 * arguments. Pure.
 */
import { addDays, dateOf, dayOfMonth, isSunday, startOfDate } from "../../lambda/rules/utc-date";
import { regionCalendar, type CalendarNight, type CalendarRegion } from "./region-calendar";

/** A pixel an hour. */
const DAY = 24;
const ROW = 30;
const LABELS = 346;
const HEAD = 74;
const FOOT = 44;
const MARGIN = 16;
const LEAST = 3;

/** Told apart also without colours: light, middle, dark. */
const TIERS = { nightly: "#9db8d9", weekly: "#2f7d8c", monthly: "#7a2e12" } as const;
const CHANGE = "#b42318";
const INK = "#1f2933";
const FAINT = "#e3e8ee";
const PALE = "#f4f6f9";

export const calendarPicture = (regions: readonly CalendarRegion[], from: string, days: number): string => {
  const width = LABELS + days * DAY + MARGIN;
  const height = HEAD + regions.length * ROW + FOOT;
  const dates = Array.from({ length: days }, (_, day) => dateOf(addDays(startOfDate(from), day)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="12" fill="${INK}" role="img">`,
    `<title>Nightly backups of ${regions.length} regions from ${from}, ${days} nights</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(MARGIN, 24, `Nightly backups from ${from}, ${days} nights, UTC`, `font-size="16" font-weight="bold"`),
    ...dates.flatMap((date, day) => head(date, LABELS + day * DAY, height)),
    ...regions.flatMap((region, index) => line(region, HEAD + index * ROW, from, days)),
    ...legend(height - 18),
    "</svg>",
    "",
  ].join("\n");
};

const head = (date: string, x: number, height: number): readonly string[] => [
  ...(isSunday(date)
    ? [`<rect x="${x}" y="${HEAD - 18}" width="${DAY}" height="${height - HEAD - FOOT + 18}" fill="${PALE}"/>`]
    : []),
  `<line x1="${x}" y1="${HEAD - 18}" x2="${x}" y2="${height - FOOT}" stroke="${FAINT}"/>`,
  text(
    x + DAY / 2,
    HEAD - 6,
    String(dayOfMonth(date)),
    `text-anchor="middle"${isSunday(date) ? ' font-weight="bold"' : ""}`,
  ),
  ...(dayOfMonth(date) === 1 ? [text(x + 2, HEAD - 24, date.slice(0, 7), `font-weight="bold"`)] : []),
];

const line = (region: CalendarRegion, y: number, from: string, days: number): readonly string[] => {
  const nights = regionCalendar(region, from, days);
  const [first] = nights;
  const middle = y + ROW / 2 + 4;
  const end = LABELS + days * DAY;
  return [
    `<line x1="${MARGIN}" y1="${y}" x2="${end}" y2="${y}" stroke="${FAINT}"/>`,
    text(MARGIN, middle, region.name, `font-weight="bold"`),
    text(MARGIN + 92, middle, `${region.startUtc} UTC, ${region.durationMinutes} min`),
    text(MARGIN + 230, middle, first === undefined ? "" : first.opensLocal.slice(11)),
    ...nights.flatMap((night) => bar(night, y, from, end)),
    ...nights.flatMap((night, index) =>
      index > 0 && offset(night) !== offset(nights[index - 1] ?? night) ? clockChange(night, y, from) : [],
    ),
  ];
};

/** Hours since the picture's first midnight, in pixels. */
const place = (time: Date, from: string): number =>
  LABELS + ((time.getTime() - startOfDate(from).getTime()) / 3_600_000) * (DAY / 24);

const bar = (
  { opensAt, closesAt, tier, night }: CalendarNight,
  y: number,
  from: string,
  end: number,
): readonly string[] => {
  const x = place(opensAt, from);
  const width = Math.min(Math.max(place(closesAt, from) - x, LEAST), end - x);
  return [
    `<rect x="${round(x)}" y="${y + 5}" width="${round(width)}" height="${ROW - 10}" fill="${TIERS[tier]}"><title>${escape(`${night}, ${tier}`)}</title></rect>`,
  ];
};

const offset = ({ opensLocal }: CalendarNight): string => opensLocal.slice(-6);
const clockChange = (night: CalendarNight, y: number, from: string): readonly string[] => {
  const x = round(place(night.opensAt, from) - 4);
  /** A white edge, so that it can be read over the bars of the next days. */
  const readable = `font-size="10" fill="${CHANGE}" stroke="#ffffff" stroke-width="3" paint-order="stroke"`;
  return [
    `<line x1="${x}" y1="${y + 1}" x2="${x}" y2="${y + ROW - 1}" stroke="${CHANGE}" stroke-width="2"/>`,
    text(x + 8, y + 19, `${night.opensLocal.slice(11, 16)} there`, readable),
  ];
};

const legend = (y: number): readonly string[] => {
  const entries = [...Object.entries(TIERS), ["the clock there changes", CHANGE] as const];
  return entries.flatMap(([name, colour], index) => [
    `<rect x="${MARGIN + index * 110}" y="${y - 10}" width="${colour === CHANGE ? 2 : 12}" height="12" fill="${colour}"/>`,
    text(MARGIN + index * 110 + 18, y, name),
  ]);
};

const text = (x: number, y: number, words: string, rest = ""): string =>
  `<text x="${round(x)}" y="${y}"${rest === "" ? "" : ` ${rest}`}>${escape(words)}</text>`;
const round = (value: number): number => Math.round(value * 100) / 100;
const escape = (words: string): string => words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
