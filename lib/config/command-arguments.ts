/** What the project's own commands are given: a stage as CDK takes it, `-c stage=<stage>`, and options of their own. */
import { parseArgs, type ParseArgsConfig } from "node:util";

/** Words that a command can't use. */
export class UsageError extends Error {
  override name = "UsageError";
}

export const CONTEXT = { type: "string", short: "c", multiple: true, default: [] as string[] } as const;

/** As `parseArgs`, but a mistake is one sentence that ends in the usage. Throws UsageError. */
export const parseCommand = <T extends ParseArgsConfig>(usage: string, config: T): ReturnType<typeof parseArgs<T>> => {
  try {
    return parseArgs(config);
  } catch (error) {
    // Node adds how a word that begins with a hyphen could be given all the same.
    const [problem] = (error as Error).message.split(/\.\s/);
    throw new UsageError(`${problem}; usage: ${usage}`);
  }
};

/** By name, what `-c` gives; `known`: names besides `stage`. A name that is misspelt must not mean the default stage. */
export const contextOf = (
  words: readonly string[],
  usage: string,
  known: readonly string[] = [],
): ReadonlyMap<string, string> =>
  new Map(
    words.map((word) => {
      const [, name = "", value = ""] = /^([^=]+)=(.+)$/.exec(word) ?? [];
      if (!["stage", ...known].includes(name)) throw new UsageError(`-c ${word} is not known here; usage: ${usage}`);
      return [name, value];
    }),
  );

/** The last one counts, as in CDK. @default "default" */
export const stageOf = (words: readonly string[], usage: string): string =>
  contextOf(words, usage).get("stage") ?? "default";
