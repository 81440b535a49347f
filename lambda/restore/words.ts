/** Lists and counts in sentences. Pure. */

const MOST_NAMED = 10;

/** The first ten, and how many more there are. */
export const named = (names: readonly string[]): string => {
  const more = names.length - MOST_NAMED;
  const first = names.slice(0, MOST_NAMED).join(", ");
  return more > 0 ? `${first} and ${more.toLocaleString("en")} more` : first;
};

export const counted = (number: number, what: string): string =>
  `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;

export const lacking = (wanted: readonly string[], standing: readonly string[]): string[] => {
  const there = new Set(standing);
  return wanted.filter((one) => !there.has(one));
};
