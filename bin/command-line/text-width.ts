/** How many columns of a terminal a text takes, and a text cut to so many. Pure. */

/** What people see as one character may be many code points. */
const SEGMENTER = new Intl.Segmenter("en");
/**
 * Two columns: wide and fullwidth by East Asian Width (https://www.unicode.org/reports/tr11/), as its data has them by
 * blocks, and what is shown as a picture.
 */
const WIDE =
  /^(?:\p{Emoji_Presentation}|.\u{fe0f}|[\u{1100}-\u{115f}\u{2e80}-\u{303e}\u{3041}-\u{a4cf}\u{a960}-\u{a97c}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe10}-\u{fe19}\u{fe30}-\u{fe6b}\u{ff01}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}])/su;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const CUT = "…";

const characters = (text: string): readonly string[] => [...SEGMENTER.segment(text)].map(({ segment }) => segment);
const widthOfOne = (character: string): number => (NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1);

export const widthOf = (text: string): number => characters(text).reduce((sum, one) => sum + widthOfOne(one), 0);

/** At most `width` columns; what was cut off is an ellipsis. */
export function shortened(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  let left = width - widthOfOne(CUT);
  for (const character of characters(text)) {
    left -= widthOfOne(character);
    if (left < 0) break;
    kept += character;
  }
  return width < 1 ? "" : `${kept.trimEnd()}${CUT}`;
}

export const padded = (text: string, width: number, side: "left" | "right" = "left"): string => {
  const spaces = " ".repeat(Math.max(0, width - widthOf(text)));
  return side === "left" ? `${text}${spaces}` : `${spaces}${text}`;
};
