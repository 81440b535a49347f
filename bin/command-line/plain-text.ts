/** What people and databases wrote, made safe to print: one line, no control characters. Sizes for people. Pure. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();

const UNITS = ["KiB", "MiB", "GiB", "TiB"];

/** 1536 → `1.5 KiB`. */
export const size = (bytes: number): string => {
  let [value, unit] = [bytes, "bytes"];
  for (const next of UNITS) {
    if (value < 1024) break;
    [value, unit] = [value / 1024, next];
  }
  return `${unit === "bytes" || value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
};
