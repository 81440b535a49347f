/** What people and databases wrote, made safe to print. Sizes, times and durations for people. Pure. */

/** One line, no control characters, and none that turn the direction of what follows. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, "")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();

/** ISO 8601 in UTC to the second; what is no time stays as it is, and null is "". */
export const second = (time: string | null): string => {
  const at = new Date(time ?? "");
  return Number.isNaN(at.getTime()) ? (time ?? "") : `${at.toISOString().slice(0, 19)}Z`;
};

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
  return `${Number((seconds / 3600).toFixed(1))} hours`;
};
