/** For fish: a line for each command and option, with the condition under which it is offered. Pure. */
import { fishQuoted } from "./quote";
import type { CompletionCommand, CompletionOption } from "./words";

export const fishCompletion = (commands: readonly CompletionCommand[]): string => {
  const [program, ...inner] = commands;
  if (program === undefined) return "";
  const valued = new Set(
    commands.flatMap(({ options }) => options.filter(mustHaveValue).flatMap(({ flags }) => flags)),
  );
  return `\
# fish completion for backups: npx backups completion fish > ~/.config/fish/completions/backups.fish
function __backups_at
  set -l at ""
  set -l skip ""
  for word in (commandline -opc)[2..-1]
    if test -n "$skip"
      set skip ""
      continue
    end
    switch $word
      case ${[...valued].map(fishQuoted).join(" ")}
        set skip yes
      case '-*'
      case '*'
        if contains -- "$at $word" ${inner.map(({ path }) => fishQuoted(` ${path.join(" ")}`)).join(" ")}
          set at "$at $word"
        end
    end
  end
  test "$at" = "$argv[1]"
end
complete -c backups -f
${commands.flatMap(linesOf).join("\n")}
`;
};

const mustHaveValue = ({ value }: CompletionOption): boolean => value === "must";

function linesOf(command: CompletionCommand): readonly string[] {
  const at = command.path.map((word) => ` ${word}`).join("");
  const begin = `complete -c backups -n ${fishQuoted(`__backups_at ${fishQuoted(at)}`)}`;
  return [
    ...command.commands.map(({ name, description }) => `${begin} -a ${name} -d ${fishQuoted(description)}`),
    ...(command.choices.length === 0 ? [] : [`${begin} -a ${fishQuoted(command.choices.join(" "))}`]),
    ...(command.takesFile ? [`${begin} -F`] : []),
    ...command.options.map((option) => `${begin} ${optionWords(option)}`),
  ];
}

const optionWords = ({ flags, description, value, choices, isFile }: CompletionOption): string =>
  [
    ...flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)),
    ...(value === "must" ? [isFile ? "-r -F" : "-x"] : []),
    ...(choices.length === 0 ? [] : [`-a ${fishQuoted(choices.join(" "))}`]),
    `-d ${fishQuoted(description)}`,
  ].join(" ");
