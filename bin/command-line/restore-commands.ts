/** `restore` and `restore-status`: starts a restore and follows it to its end, or looks at one. */
import type { Command } from "commander";
import { restoreAnswered, type PublicRestore } from "../../lambda/requests/contract";
import { askRequests } from "./ask-requests";
import { answer, commonOptions, connect, seconds, type CommonOptions } from "./common-options";
import { describeRestore, failureOf, findings, progressOf } from "./describe-restore";
import { oneLine } from "./plain-text";
import { CommandFailure, type Deployment, type Surroundings } from "./surroundings";

/** A terabyte takes hours; a restore that is followed no longer goes on all the same. */
const FOLLOW_SECONDS = 12 * 3600;
const POLL_MS = 5_000;

interface RestoreOptions {
  readonly from: string;
  readonly to: string;
  readonly databaseOnly?: boolean;
  readonly acknowledge?: readonly string[];
  readonly wait: number;
}

export function addRestoreCommands(program: Command, surroundings: Surroundings): void {
  program
    .command("restore <snapshot>")
    .description("restore a snapshot into a stopped environment of the same app, and follow it to its end")
    .requiredOption("--from <environment>", "the environment that the snapshot was taken of")
    .requiredOption("--to <environment>", "the environment whose database and files are replaced")
    .option("--database-only", "leave the files as they are")
    .option("--acknowledge <codes...>", "codes of the plan's warnings that you have read and accept")
    .option("--wait <seconds>", "how long to follow it", seconds, FOLLOW_SECONDS)
    .addHelpText(
      "after",
      "\nExample: npx backups restore 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 --from shop-production --to shop-acceptance",
    )
    .action(async (snapshotId: string, own: RestoreOptions, command: Command) => {
      const options = commonOptions(command);
      const deployment = await connect(options, surroundings);
      const { message, restore } = await askRequests(
        deployment,
        {
          action: "restore",
          sourceEnvironmentId: own.from,
          snapshotId,
          targetEnvironmentId: own.to,
          databaseOnly: own.databaseOnly === true,
          acknowledged: [...(own.acknowledge ?? [])],
          requestedBy: surroundings.user(),
          requestId: surroundings.newRequestId(),
        },
        restoreAnswered,
      );
      if (options.json !== true) surroundings.out(message);
      conclude(await follow(restore, own.wait, { deployment, options, surroundings }), options, surroundings);
    });
  program
    .command("restore-status <restore>")
    .description("show how far a restore is, its plan's refusals and warnings, and its files")
    .addHelpText("after", "\nExample: npx backups restore-status restore-9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d")
    .action(async (restoreId: string, _own: unknown, command: Command) => {
      const options = commonOptions(command);
      const restore = await look(await connect(options, surroundings), restoreId);
      answer(options, surroundings, restore, describeRestore(restore));
    });
}

const look = async (deployment: Deployment, restoreId: string): Promise<PublicRestore> =>
  (await askRequests(deployment, { action: "restore-status", restoreId }, restoreAnswered)).restore;

const hasEnded = ({ state }: PublicRestore): boolean => state === "completed" || state === "failed";

/** Prints what changes until the restore has ended. Whatever ends the following ends only that. */
async function follow(
  begun: PublicRestore,
  limitSeconds: number,
  given: { readonly deployment: Deployment; readonly options: CommonOptions; readonly surroundings: Surroundings },
): Promise<PublicRestore> {
  const { deployment, options, surroundings } = given;
  const { now, sleep, out } = surroundings;
  const { restoreId } = begun;
  const later = `The restore goes on by itself; look later with: backups restore-status ${restoreId}`;
  const deadline = now().getTime() + limitSeconds * 1000;
  let restore = begun;
  let printed = lineOf(restore);
  while (!hasEnded(restore)) {
    if (now().getTime() >= deadline)
      throw new CommandFailure(1, [`Restore ${restoreId} has not ended within ${limitSeconds} seconds.`, later]);
    await sleep(POLL_MS);
    try {
      restore = await look(deployment, restoreId);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      throw new CommandFailure(1, [...error.sentences, later], { cause: error });
    }
    const line = lineOf(restore);
    if (line !== printed && !hasEnded(restore) && options.json !== true) out(`${restore.updatedAt}  ${line}`);
    printed = line;
  }
  return restore;
}

const lineOf = (restore: PublicRestore): string =>
  [progressOf(restore), oneLine(restore.statusMessage)].filter((text) => text !== "").join(": ");

function conclude(restore: PublicRestore, options: CommonOptions, surroundings: Surroundings): void {
  const { state, restoreId, targetEnvironmentId, statusMessage } = restore;
  const completed = `Restore ${restoreId} into environment ${targetEnvironmentId} is completed. ${oneLine(statusMessage)}`;
  answer(options, surroundings, restore, [...findings(restore), ...(state === "completed" ? [completed] : [])]);
  if (state !== "completed") throw new CommandFailure(1, [failureOf(restore)]);
}
