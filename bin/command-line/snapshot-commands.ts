/** `backup` and `snapshots`: a backup on demand, and what there is to restore. */
import type { Command } from "commander";
import { backupAccepted, snapshotsAnswered, type PublicSnapshot } from "../../lambda/requests/contract";
import { askRequests } from "./ask-requests";
import { answer, commonOptions, connect } from "./common-options";
import { describeSnapshots, newestFirst } from "./describe-snapshots";
import type { Deployment, Surroundings } from "./surroundings";

export function addSnapshotCommands(program: Command, surroundings: Surroundings): void {
  program
    .command("backup <environment>")
    .description("take a snapshot now; it waits while another operation runs in the environment")
    .option("--comment <text>", "shown with the snapshot", "")
    .addHelpText("after", '\nExample: npx backups backup shop-production --comment "before release 12"')
    .action(async (environmentId: string, own: { comment: string }, command: Command) => {
      const options = commonOptions(command);
      const { user, newRequestId } = surroundings;
      const deployment = await connect(options, surroundings);
      const asked = await askRequests(
        deployment,
        { action: "backup", environmentId, comment: own.comment, createdBy: user(), requestId: newRequestId() },
        backupAccepted,
      );
      const { message, snapshotId } = asked;
      answer(options, surroundings, { message, environmentId, snapshotId }, [
        message,
        `See how it goes with: backups snapshots ${environmentId}`,
      ]);
    });
  program
    .command("snapshots <environment>")
    .description("list an environment's snapshots, the newest first")
    .addHelpText("after", "\nExample: npx backups snapshots shop-production")
    .action(async (environmentId: string, _own: unknown, command: Command) => {
      const options = commonOptions(command);
      const found = newestFirst(await allSnapshots(await connect(options, surroundings), environmentId));
      answer(options, surroundings, { environmentId, snapshots: found }, describeSnapshots(environmentId, found));
    });
}

async function allSnapshots(deployment: Deployment, environmentId: string): Promise<readonly PublicSnapshot[]> {
  const found: PublicSnapshot[] = [];
  let cursor: string | undefined;
  do {
    const page = await askRequests(
      deployment,
      { action: "snapshots", environmentId, ...(cursor === undefined ? {} : { cursor }) },
      snapshotsAnswered,
    );
    found.push(...page.snapshots);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}
