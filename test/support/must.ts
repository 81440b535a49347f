/** What a test takes for granted. If it is absent, the test says so instead of failing somewhere later. */
export const must = <T>(value: T | undefined | null, what = "a value"): T => {
  if (value === undefined || value === null) throw new Error(`There should be ${what}.`);
  return value;
};
