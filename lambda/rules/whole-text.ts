/**
 * Text that every store keeps as it came: Unicode's characters, whole, without U+0000. JSON can spell half of a
 * surrogate pair (`"\ud800"`), which has no UTF-8; PostgreSQL, S3's metadata and shells end or refuse text at NUL.
 * https://www.rfc-editor.org/rfc/rfc8259#section-8.2
 */

/** Halves of pairs only: with `u`, a whole pair is the character that it stands for. */
const HALVES = /\p{Cs}/gu;
export const isWhole = (text: string): boolean => !/\p{Cs}/u.test(text);

/** What is wrong with a text, for the end of a sentence; undefined where nothing is. */
export const flawOf = (text: string): string | undefined => {
  if (!isWhole(text)) return "has half of a surrogate pair, which is no character";
  return text.includes("\0") ? "has the character U+0000, which no text may have" : undefined;
};

/**
 * The first text of a JSON value that is not whole, as a sentence that names its place; keys are texts too. Without
 * recursion: a value may be nested as deep as its length allows.
 */
export function brokenText(value: unknown): string | undefined {
  const open: { readonly at: string; readonly value: unknown }[] = [{ at: "", value }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { at, value: one } = next;
    if (typeof one === "string") {
      const flaw = flawOf(one);
      if (flaw !== undefined) return `${at === "" ? "The body" : `"${at}"`} ${flaw}; send it without.`;
    }
    if (typeof one !== "object" || one === null) continue;
    for (const [key, inner] of Object.entries(one)) {
      const flaw = flawOf(key);
      if (flaw !== undefined) return `A field's name${at === "" ? "" : ` in "${at}"`} ${flaw}; send it without.`;
      open.push({ at: placed(at, key), value: inner });
    }
  }
  return undefined;
}

const LONGEST_PLACE = 100;
const placed = (at: string, key: string): string =>
  `${at === "" ? "" : `${at}.`}${key}`.slice(0, LONGEST_PLACE).replaceAll(HALVES, "\ufffd");
