/** Every `usual`-th point; `CRASH_SAMPLE=n` tries every n-th: 1 for all, or more for a quick look. */
export const pointsToTry = (count: number, usual = 1): readonly number[] => {
  const every = Number(process.env["CRASH_SAMPLE"] ?? usual);
  return Array.from({ length: count }, (_, at) => at).filter((at) => at % every === 0);
};
