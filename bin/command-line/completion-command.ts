/** `completion`: what a shell reads to complete commands, options and their values, made from the commands themselves. */
import { type Command, Argument } from "commander";
import { bashCompletion } from "./completion/bash";
import { fishCompletion } from "./completion/fish";
import { completionWords } from "./completion/words";
import { zshCompletion } from "./completion/zsh";
import type { Surroundings } from "./surroundings";

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export function addCompletionCommand(program: Command, { out }: Surroundings): void {
  program
    .command("completion")
    .addArgument(new Argument("<shell>", "for which shell").choices(Object.keys(SHELLS)))
    .description("print the completion of commands and options for a shell, for the word backups")
    .addHelpText(
      "after",
      `
From a checkout, give the word first: alias backups="npx --prefix CHECKOUT backups".
Examples:
  source <(npx backups completion bash)
  npx backups completion zsh > ~/.zfunc/_backups
  npx backups completion fish > ~/.config/fish/completions/backups.fish`,
    )
    .action((shell: keyof typeof SHELLS) => out(SHELLS[shell](completionWords(program)).trimEnd()));
}
