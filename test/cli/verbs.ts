/** Every verb of the command line, as the program itself declares it. */
import type { Command } from "commander";
import { commandLine } from "../../bin/command-line/run-command-line";
import { NOTHING_ELSE } from "./cli-fixture";

export interface Verb {
  /** Such as `keys create`. */
  readonly name: string;
  readonly command: Command;
}

export const program = (): Command => commandLine({ ...NOTHING_ELSE, out: () => undefined, err: () => undefined });

/** Those that do something; `keys` alone only leads to its own. */
export function verbs(): readonly Verb[] {
  const walk = (command: Command, path: readonly string[]): readonly Verb[] =>
    command.commands.length === 0
      ? [{ name: path.join(" "), command }]
      : command.commands.flatMap((one) => walk(one, [...path, one.name()]));
  return walk(program(), []);
}
