/** Where instants stand on a picture, in per cent of its width. Pure. */
const DAY_MS = 86_400_000;

export interface TimeScale {
  readonly from: number;
  readonly to: number;
}
/** From the oldest bar's beginning, but at most as far back as it looks ahead. */
export const scaleOf = (starts: readonly string[], now: Date, daysAhead: number): TimeScale => {
  const ahead = daysAhead * DAY_MS;
  const oldest = starts.reduce((least, start) => Math.min(least, Date.parse(start)), now.getTime() - DAY_MS);
  return { from: Math.max(oldest, now.getTime() - ahead), to: now.getTime() + ahead };
};
export const positionOf = (time: number, { from, to }: TimeScale): number =>
  Math.min(100, Math.max(0, (100 * (time - from)) / (to - from)));

/** Undefined where nothing of it is in the picture. */
export const barOf = (startIso: string, endIso: string, scale: TimeScale) => {
  const [start, end] = [Date.parse(startIso), Date.parse(endIso)];
  if (end <= scale.from || start >= scale.to) return undefined;
  const left = positionOf(start, scale);
  return { left, width: positionOf(end, scale) - left };
};

/** The first of each month in the picture. */
export const monthsOf = (scale: TimeScale): readonly { readonly at: number; readonly name: string }[] => {
  const months: { at: number; name: string }[] = [];
  const start = new Date(scale.from);
  for (let month = 1; ; month++) {
    const at = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month, 1);
    if (at >= scale.to) return months;
    months.push({ at, name: new Date(at).toLocaleString("en-GB", { month: "short", timeZone: "UTC" }) });
  }
};
