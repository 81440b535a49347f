/**
 * Reads the command line, runs one command, and answers with an exit code: 0 done, 1 failed, 2 asked for wrongly,
 * 3 held back by a restore's plan.
 */
import { Command, CommanderError } from "commander";
import { addAccessCommands } from "./access-commands";
import { addCatalogCommands } from "./catalog-commands";
import { addCompletionCommand } from "./completion-command";
import { addContentCommands } from "./content-commands";
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
import { asksForVersion, printVersion } from "./version";

/** Where there is no terminal to fit. */
const HELP_WIDTH = 120;
const HELP = `
Two ways to ask: without an address, with your AWS identity, the functions of the stage and region; with --url or
BACKUPS_URL, the API, signed in by the environment variables BACKUPS_USERNAME and BACKUPS_API_KEY, or BACKUPS_TOKEN.
Commands marked (API) need the address. Exit codes: 0 done, 1 failed, 2 asked wrongly, 3 held back by a restore's plan.
What can't be undone asks for the environment's name, or takes it with --confirm.

Examples:
  npx backups snapshots shop-production --stage production --region eu-central-1
  BACKUPS_URL=https://backups.example.com/backups npx backups calendar shop-production
  npx backups download --help`;

/** In the order of the help. */
const GROUPS: Readonly<Record<string, readonly ((program: Command, surroundings: Surroundings) => void)[]>> = {
  "Snapshots:": [
    addSnapshotCommands,
    addKeepCommands,
    addDeletionCommands,
    addDownloadCommand,
    addContentCommands,
    addUploadCommands,
  ],
  "Restoring:": [addRestoreCommands, addDrillCommands, addVerifyCommand],
  "Environments:": [addRegistrationCommands, addLookCommands, addEstimateCommand],
  "Running the service:": [addAccessCommands, addRetentionCommands, addCatalogCommands, addRecoveryCommands],
  "This program:": [addCompletionCommand],
};

/** All commands, as they are: help, completion and tests are made from it. */
export function commandLine(surroundings: Surroundings): Command {
  const program = new Command("backups")
    .description("Nightly backups of application environments.")
    .option("--stage <name>", "configuration of the deployment: config/<name>.json", "default")
    .option("--region <code>", "AWS region of the environment (default: that of the file, or of the AWS configuration)")
    .option("--account <id>", "AWS account of the deployment (default: that of the stage, or of the credentials)")
    .option("--recovery <region>", "ask the recovery of this lost region, with your AWS identity")
    .option("--url <address>", "ask the API at its base address instead (default: BACKUPS_URL)")
    .option("--app <id>", "app of the environment, for the API (default: it is looked for)")
    .option("--json", "answer in JSON")
    .option("-V, --version", "print the version of this program, and with an address also the service's")
    .addHelpText("after", HELP)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      getOutHelpWidth: () => surroundings.columns ?? HELP_WIDTH,
      getErrHelpWidth: () => surroundings.columns ?? HELP_WIDTH,
      writeOut: (text) => surroundings.out(text.trimEnd()),
      writeErr: (text) => surroundings.err(text.trimEnd()),
    });
  for (const [title, adders] of Object.entries(GROUPS)) {
    program.commandsGroup(title);
    for (const add of adders) add(program, surroundings);
  }
  return program.helpCommand("help [command]", "show the help of a command");
}

export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const program = commandLine(surroundings);
  try {
    if (asksForVersion(program, args)) await printVersion(program, surroundings);
    else await program.parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CommandFailure)) throw error;
    for (const sentence of error.sentences) surroundings.err(sentence);
    return error.exitCode;
  }
}
