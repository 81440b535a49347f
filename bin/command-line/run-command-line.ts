/** Reads the command line, runs one command, and answers with an exit code: 0 done, 1 failed, 2 asked for wrongly. */
import { Command, CommanderError } from "commander";
import { addDeletionCommands } from "./deletion-commands";
import { addRegistrationCommands } from "./registration-commands";
import { addRestoreCommands } from "./restore-commands";
import { addRetentionCommands } from "./retention-commands";
import { addSnapshotCommands } from "./snapshot-commands";
import { CommandFailure, type Surroundings } from "./surroundings";

export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const program = new Command("backups")
    .description("Nightly backups of application environments.")
    .option("--stage <name>", "configuration of the deployment: config/<name>.json", "default")
    .option("--region <code>", "AWS region of the environment (default: that of the file, or of the AWS configuration)")
    .option("--account <id>", "AWS account of the deployment (default: that of the stage, or of the credentials)")
    .option("--json", "answer in JSON")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.out(text.trimEnd()),
      writeErr: (text) => surroundings.err(text.trimEnd()),
    });
  addRegistrationCommands(program, surroundings);
  addSnapshotCommands(program, surroundings);
  addRestoreCommands(program, surroundings);
  addRetentionCommands(program, surroundings);
  addDeletionCommands(program, surroundings);
  // Copied, because subcommands were made before they could inherit it.
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CommandFailure)) throw error;
    for (const sentence of error.sentences) surroundings.err(sentence);
    return error.exitCode;
  }
}
