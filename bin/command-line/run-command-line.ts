/**
 * Reads the command line, runs one command, and answers with an exit code: 0 done, 1 failed, 2 asked for wrongly,
 * 3 held back by a restore's plan.
 */
import { Command, CommanderError } from "commander";
import { addAccessCommands } from "./access-commands";
import { addCatalogCommands } from "./catalog-commands";
import { addDeletionCommands } from "./deletion-commands";
import { addDownloadCommand } from "./download-command";
import { addEstimateCommand } from "./estimate-command";
import { addDrillCommands } from "./drill-commands";
import { addKeepCommands } from "./keep-commands";
import { addLookCommands } from "./look-commands";
import { addRecoveryCommands } from "./recovery-commands";
import { addRegistrationCommands } from "./registration-commands";
import { addRestoreCommands } from "./restore-commands";
import { addRetentionCommands } from "./retention-commands";
import { addSnapshotCommands } from "./snapshot-commands";
import { addUploadCommands } from "./upload-commands";
import { addVerifyCommand } from "./verify-command";
import { CommandFailure, type Surroundings } from "./surroundings";

const HELP = `
Two ways to ask: without an address, with your AWS identity, the functions of the stage and region; with --url or
BACKUPS_URL, the API, signed in by the environment variables BACKUPS_USERNAME and BACKUPS_API_KEY, or BACKUPS_TOKEN.
Commands marked (API) need the address. Exit codes: 0 done, 1 failed, 2 asked wrongly, 3 held back by a restore's plan.

Examples:
  npx backups snapshots shop-production --stage production --region eu-central-1
  BACKUPS_URL=https://backups.example.com/backups npx backups calendar shop-production
  npx backups download --help`;

export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const program = new Command("backups")
    .description("Nightly backups of application environments.")
    .option("--stage <name>", "configuration of the deployment: config/<name>.json", "default")
    .option("--region <code>", "AWS region of the environment (default: that of the file, or of the AWS configuration)")
    .option("--account <id>", "AWS account of the deployment (default: that of the stage, or of the credentials)")
    .option("--recovery <region>", "ask the recovery of this lost region, with your AWS identity")
    .option("--url <address>", "ask the API at its base address instead (default: BACKUPS_URL)")
    .option("--app <id>", "app of the environment, for the API (default: it is looked for)")
    .option("--json", "answer in JSON")
    .addHelpText("after", HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.out(text.trimEnd()),
      writeErr: (text) => surroundings.err(text.trimEnd()),
    });
  addRegistrationCommands(program, surroundings);
  addLookCommands(program, surroundings);
  addSnapshotCommands(program, surroundings);
  addDownloadCommand(program, surroundings);
  addUploadCommands(program, surroundings);
  addRestoreCommands(program, surroundings);
  addVerifyCommand(program, surroundings);
  addEstimateCommand(program, surroundings);
  addDrillCommands(program, surroundings);
  addRetentionCommands(program, surroundings);
  addCatalogCommands(program, surroundings);
  addKeepCommands(program, surroundings);
  addDeletionCommands(program, surroundings);
  addAccessCommands(program, surroundings);
  addRecoveryCommands(program, surroundings);
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
