/** Findings for people, one a line, each with the code by which docs/warnings.md explains it. Pure. */
import type { Finding } from "../../lambda/catalog/items";
import { oneLine } from "./plain-text";

/** `more`: what else is to be said of a finding, beside its code. */
export const describeFindings = (
  word: "refused" | "warning" | "note",
  findings: readonly Finding[],
  more: (code: string) => string = () => "",
): readonly string[] => findings.map(({ code, message }) => `${word}: ${oneLine(message)} [${code}${more(code)}]`);
