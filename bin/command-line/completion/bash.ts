/** For bash 3.2 (that of macOS) and later, without the package bash-completion. Pure. */
import { quoted } from "./quote";
import type { CompletionCommand, CompletionOption } from "./words";

export const bashCompletion = (commands: readonly CompletionCommand[]): string => `\
# bash completion for backups: source <(npx backups completion bash)
_backups() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path="" words="" word i skip=""
  # bash takes --state=completed for three words.
  if [[ $cur == "=" ]]; then cur=""
  elif [[ $prev == "=" ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=""; continue; fi
    case $word in
      ${patterns(commands.flatMap(({ options }) => options).filter(({ value }) => value === "must"))}) skip=yes ;;
      -*) ;;
      *) case "$path $word" in
        ${commands
          .slice(1)
          .map(({ path }) => quoted(` ${path.join(" ")}`))
          .join("|")}) path="$path $word" ;;
      esac ;;
    esac
  done
  case "$path $prev" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "$path" in
${commands.map(wordCase).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
_backups_files() {
  local line
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$1")
}
complete -F _backups backups
`;

const pathOf = ({ path }: CompletionCommand): string => path.map((word) => ` ${word}`).join("");

const patterns = (options: readonly CompletionOption[]): string =>
  [...new Set(options.flatMap(({ flags }) => flags))].join("|");

/** What may follow an option; nothing is offered where anything may. */
function valueCases(command: CompletionCommand): readonly string[] {
  return command.options
    .filter(({ value, choices }) => value === "must" || choices.length > 0)
    .map(({ flags, choices, isFile }) => {
      const offered = isFile
        ? `_backups_files "$cur"`
        : choices.length === 0
          ? ":"
          : `COMPREPLY=($(compgen -W ${quoted(choices.join(" "))} -- "$cur"))`;
      return `    ${flags.map((flag) => quoted(`${pathOf(command)} ${flag}`)).join("|")}) ${offered}; return ;;`;
    });
}

function wordCase(command: CompletionCommand): string {
  const names = command.commands.map(({ name }) => name);
  const flags = command.options.flatMap((option) => option.flags.filter((flag) => flag.startsWith("--")));
  const words = [...names, ...command.choices].join(" ");
  const files = command.takesFile ? `[[ $cur == -* ]] || { _backups_files "$cur"; return; }; ` : "";
  return `    ${quoted(pathOf(command))}) ${files}words=${quoted(words)}; [[ $cur != -* ]] || words=${quoted(flags.join(" "))} ;;`;
}
