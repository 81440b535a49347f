/** Changes that make no difference, each with the reason: they are looked for by the line's text and the change. */
import type { Mutant } from "./mutants";

interface Known {
  readonly file: string;
  /** As `npm run mutate` prints it. */
  readonly what: string;
  /** Part of the line's text. */
  readonly on: string;
  readonly reason: string;
}

const KNOWN: readonly Known[] = [];

export const known = (file: string, source: string, { line, what }: Mutant): string | undefined => {
  const text = source.split("\n")[line - 1] ?? "";
  return KNOWN.find((one) => one.file === file && one.what === what && text.includes(one.on))?.reason;
};
