/** What is given to `npm run quotas`: each mistake is one sentence with its mend. Pure. */

export class QuotaInputError extends Error {}

/** `200` for every region, `eu-central-1=50` for one. */
export const environmentsOf = (given: readonly string[], regions: readonly string[]): ReadonlyMap<string, number> => {
  if (given.length === 0)
    throw new QuotaInputError(
      "How many environments? Add --environments 200, or for a region --environments eu-central-1=50.",
    );
  const usual = given.findLast((word) => !word.includes("="));
  const found = new Map(usual === undefined ? [] : regions.map((region) => [region, countOf(usual)] as const));
  for (const word of given.filter((one) => one.includes("="))) {
    const [region = "", count = ""] = word.split("=");
    if (!regions.includes(region))
      throw new QuotaInputError(
        `--environments ${word}: the stage has no region "${region}"; it has ${regions.join(", ")}.`,
      );
    found.set(region, countOf(count));
  }
  return found;
};

const MOST_ENVIRONMENTS = 100_000;
const countOf = (word: string): number => wholeNumber("--environments", word, MOST_ENVIRONMENTS);
export const minutesOf = (option: string, word: string): number => wholeNumber(option, word, 24 * 60);

const wholeNumber = (option: string, word: string, most: number): number => {
  const value = Number(word);
  if (/^\d+$/.test(word) && value >= 1 && value <= most) return value;
  throw new QuotaInputError(
    `${option} ${word} can't be used; give a whole number from 1 to ${most.toLocaleString("en")}.`,
  );
};
