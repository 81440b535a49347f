/** What there is to complete, taken from the commands as they are declared. Pure. */
import type { Command, Option } from "commander";

export interface CompletionOption {
  /** Such as `--state`, and `-V`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** `must`: the next word is its value; `may`: it may be. */
  readonly value: "none" | "may" | "must";
  readonly choices: readonly string[];
  readonly isFile: boolean;
}
export interface CompletionCommand {
  /** From the program on: `["keys", "create"]`; empty for the program. */
  readonly path: readonly string[];
  readonly description: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** Its own and those of every command. */
  readonly options: readonly CompletionOption[];
  /** Of its arguments. */
  readonly choices: readonly string[];
  readonly takesFile: boolean;
}

const HELP: CompletionOption = {
  flags: ["--help", "-h"],
  description: "show help",
  value: "none",
  choices: [],
  isFile: false,
};

/** The program first, then every command, outer before inner. */
export function completionWords(program: Command): readonly CompletionCommand[] {
  const common = visible(program);
  const walk = (command: Command, path: readonly string[]): readonly CompletionCommand[] => [
    {
      path,
      description: command.description(),
      commands: command.commands.map((one) => ({ name: one.name(), description: one.description() })),
      options: [...(path.length === 0 ? [] : visible(command)), ...common, HELP],
      choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
      takesFile: command.registeredArguments.some((argument) => argument.name() === "file"),
    },
    ...command.commands.flatMap((one) => walk(one, [...path, one.name()])),
  ];
  return walk(program, []);
}

const visible = ({ options }: Command): readonly CompletionOption[] =>
  options.filter(({ hidden }) => !hidden).map(ofOption);

const ofOption = ({ long, short, description, required, optional, argChoices, flags }: Option): CompletionOption => ({
  flags: [...flags.matchAll(/--[\w-]+/g)]
    .map(([flag]) => flag)
    .concat(long === undefined || short?.startsWith("--") || short === undefined ? [] : [short]),
  description,
  value: required ? "must" : optional ? "may" : "none",
  choices: argChoices ?? [],
  isFile: /[<[]file[\]>]/.test(flags),
});
