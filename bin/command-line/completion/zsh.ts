/** For zsh: a function that compinit finds as `_backups`, or that is sourced. Pure. */
import { quoted } from "./quote";
import type { CompletionCommand, CompletionOption } from "./words";

export const zshCompletion = (commands: readonly CompletionCommand[]): string => `\
#compdef backups
# zsh completion for backups: in a folder of $fpath as _backups, or: source <(npx backups completion zsh)
_backups() {
  local cur=$words[CURRENT] prev=$words[CURRENT-1] route="" word skip=""
  local -a offered
  for word in \${words[2,CURRENT-1]}; do
    if [[ -n $skip ]]; then skip=""; continue; fi
    case $word in
      (${[...new Set(commands.flatMap(({ options }) => options.filter(takesValue).flatMap(({ flags }) => flags)))].join("|")}) skip=yes ;;
      (-*) ;;
      (*) case "$route $word" in
        (${commands
          .slice(1)
          .map(({ path }) => quoted(` ${path.join(" ")}`))
          .join("|")}) route="$route $word" ;;
      esac ;;
    esac
  done
  case "$route $prev" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "$route" in
${commands.map(wordCase).join("\n")}
  esac
  _describe -t words backups offered
}
if [[ $funcstack[1] == _backups ]]; then _backups "$@"; else compdef _backups backups; fi
`;

const takesValue = ({ value }: CompletionOption): boolean => value === "must";
const routeOf = ({ path }: CompletionCommand): string => path.map((word) => ` ${word}`).join("");
/** `word:description`, in which a colon of the word itself is escaped. */
const described = (word: string, description: string): string =>
  quoted(`${word.replaceAll(":", "\\:")}:${description.replaceAll(":", "\\:")}`);

function valueCases(command: CompletionCommand): readonly string[] {
  return command.options
    .filter((option) => takesValue(option) || option.choices.length > 0)
    .map(({ flags, choices, isFile }) => {
      const offered = isFile ? "_files" : choices.length === 0 ? ":" : `compadd -- ${choices.map(quoted).join(" ")}`;
      return `    (${flags.map((flag) => quoted(`${routeOf(command)} ${flag}`)).join("|")}) ${offered}; return ;;`;
    });
}

function wordCase(command: CompletionCommand): string {
  const options = command.options.flatMap(({ flags, description }) =>
    flags.filter((flag) => flag.startsWith("--")).map((flag) => described(flag, description)),
  );
  const words = [
    ...command.commands.map(({ name, description }) => described(name, description)),
    ...command.choices.map(quoted),
  ];
  const files = command.takesFile ? `[[ $cur == -* ]] || { _files; return; }; ` : "";
  return `    (${quoted(routeOf(command))}) ${files}if [[ $cur == -* ]]; then offered=(${options.join(" ")}); else offered=(${words.join(" ")}); fi ;;`;
}
