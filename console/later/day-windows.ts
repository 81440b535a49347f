/** A nightly window on a day of 24 hours: two pieces where it passes midnight. Pure. */
const DAY_MINUTES = 24 * 60;

export interface DayPiece {
  /** Per cent of the day. */
  readonly left: number;
  readonly width: number;
}
export const minutesOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
};
export const dayPieces = (startUtc: string, durationMinutes: number): readonly DayPiece[] => {
  const start = minutesOf(startUtc);
  const beforeMidnight = Math.min(durationMinutes, DAY_MINUTES - start);
  const pieces = [
    { from: start, length: beforeMidnight },
    { from: 0, length: durationMinutes - beforeMidnight },
  ];
  return pieces
    .filter(({ length }) => length > 0)
    .map(({ from, length }) => ({ left: (100 * from) / DAY_MINUTES, width: (100 * length) / DAY_MINUTES }));
};
/** `23:00 to 02:00` */
export const windowText = (startUtc: string, durationMinutes: number): string => {
  const end = (minutesOf(startUtc) + durationMinutes) % DAY_MINUTES;
  return `${startUtc} to ${String(Math.floor(end / 60)).padStart(2, "0")}:${String(end % 60).padStart(2, "0")}`;
};
export const dayPosition = (now: Date): number => (100 * (now.getUTCHours() * 60 + now.getUTCMinutes())) / DAY_MINUTES;
