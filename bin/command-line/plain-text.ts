/** What people and databases wrote, made safe to print: one line, no control characters. Sizes for people. Pure. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();

const UNITS = ["kB", "MB", "GB", "TB"];

/** 1500 → `1.5 kB`: in thousands, as on the page. */
export const size = (bytes: number): string => {
  let [value, unit] = [bytes, "bytes"];
  for (const next of UNITS) {
    if (value < 1000) break;
    [value, unit] = [value / 1000, next];
  }
  return `${unit === "bytes" || value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
};

/** 5400 → `1.5 hours`. */
export const duration = (seconds: number): string => {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} seconds`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} minutes`;
  return `${(seconds / 3600).toFixed(1)} hours`;
};
