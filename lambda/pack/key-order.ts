/**
 * The order of file keys everywhere: that of their UTF-8 bytes, as S3 lists them and PostgreSQL sorts them with
 * COLLATE "C". JavaScript compares UTF-16 code units, which differs where surrogates meet U+E000 to U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right)
      return left < FIRST_SURROGATE || right < FIRST_SURROGATE ? left - right : rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Whether `key` lies in the half-open range [from, to); null is −∞ or +∞. */
export const inRange = (key: string, range: KeyRange): boolean =>
  (range.from === null || compareKeys(key, range.from) >= 0) && (range.to === null || compareKeys(key, range.to) < 0);

export interface KeyRange {
  readonly from: string | null;
  readonly to: string | null;
}
export const EVERYTHING: KeyRange = { from: null, to: null };

/** A lone surrogate has no UTF-8 form, so two different strings would name the same object. */
export const isWellFormed = (key: string): boolean => !/\p{Surrogate}/u.test(key);

const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
/** Surrogates stand for code points above U+FFFF, so they come after everything else. */
const rank = (unit: number): number => (unit <= LAST_SURROGATE ? unit + 0x10000 : unit);
