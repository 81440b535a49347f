/** Every point; `CRASH_SAMPLE=n` tries every n-th only, for a quick look. */
export const pointsToTry = (count: number): readonly number[] => {
  const every = Number(process.env["CRASH_SAMPLE"] ?? 1);
  return Array.from({ length: count }, (_, at) => at).filter((at) => at % every === 0);
};
