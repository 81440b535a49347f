/** The commands of the runbook's articles: whole lines of their shell blocks, and what stands in backticks in a sentence. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const RUNBOOK = join(__dirname, "../../docs/runbook");
/** Run whole, as scripts, by tests of their own. */
export const SCRIPTS: Readonly<Record<string, string>> = { "restore-by-hand.md": "restore-by-hand.test.ts" };

/** Articles whose commands have tests elsewhere, because they need a world of their own; here they only have to exist. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  "catalog-lost.md": "test/cli/catalog-commands.test.ts",
  "region-lost.md": "test/local/drill-region.test.ts",
  "drill-failed.md": "test/drill/drill.test.ts",
  // They ask the API.
  "keep-failed.md": "test/cli/api-commands.test.ts",
  "last-snapshot-expiring.md": "test/cli/api-commands.test.ts",
};

export interface ArticleCommand {
  readonly article: string;
  readonly command: string;
}

export const articles = (): readonly string[] => readdirSync(RUNBOOK).filter((name) => name.endsWith(".md"));

export const blocksOf = (article: string, language = "sh"): readonly string[] =>
  [...textOf(article).matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, "gm"))].map(
    (match) => match[1] ?? "",
  );

export const commandsOf = (article: string): readonly ArticleCommand[] => {
  const lines = blocksOf(article).flatMap((block) => block.replaceAll("\\\n", " ").split("\n").map(withoutRemark));
  const inSentences = [
    ...textOf(article)
      .replace(/^ *```[\s\S]*?^ *```$/gm, "")
      .matchAll(/`((?:npx|aws|npm) [^`]+)`/g),
  ].map((match) => match[1] ?? "");
  return [...lines, ...inSentences]
    .map((command) => command.replace(/\s+/g, " ").trim())
    .filter((command) => command !== "" && !command.startsWith("#"))
    .map((command) => ({ article, command }));
};

/** A remark after a command is none of its arguments. */
const withoutRemark = (line: string): string => line.replace(/ +# .*$/, "");

export const textOf = (article: string): string => readFileSync(join(RUNBOOK, article), "utf8");
