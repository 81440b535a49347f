/** `backup`, `snapshots`, `snapshot` and `comment`: taking a backup, and what there is to restore. */
import { Option, type Command } from "commander";
import type { PublicSnapshot } from "../../lambda/requests/contract";
import { snapshot as snapshotAnswer } from "./api/answers";
import { requireApi } from "./api/api-connection";
import { answer, commonOptions, count } from "./common-options";
import { describeFindings } from "./describe-findings";
import { describeOneSnapshot } from "./describe-one-snapshot";
import { describeSnapshots, newestFirst } from "./describe-snapshots";
import { follow } from "./follow";
import { oneLine } from "./plain-text";
import { CommandFailure, type Surroundings } from "./surroundings";
import { openActions, type UserActions } from "./user-actions";
import { isWaiting, type Wait, waitIfAsked, waitSeconds } from "./wait-option";

/** A first backup of many files takes hours. */
const BACKUP_SECONDS = 12 * 3600;
const STATES = ["queued", "running", "failed", "completed"] as const;
const TIERS = ["nightly", "weekly", "monthly", "on-demand", "uploaded"] as const;

interface Choice {
  readonly state?: string;
  readonly tier?: string;
  readonly filter?: string;
  readonly limit?: number;
}

export function addSnapshotCommands(program: Command, surroundings: Surroundings): void {
  const backup = program
    .command("backup <environment>")
    .description("take a snapshot now; it waits while another operation runs in the environment")
    .option("--comment <text>", "shown with the snapshot", "");
  waitIfAsked(backup, "until it is completed or has failed", BACKUP_SECONDS)
    .addHelpText("after", '\nExample: npx backups backup shop-production --comment "before release 12" --wait')
    .action(async (environmentId: string, own: { comment: string; wait?: Wait }, command: Command) => {
      const options = commonOptions(command);
      const actions = await openActions(options, surroundings);
      const { message, snapshotId } = await actions.backup(environmentId, own.comment);
      const later = `See how it goes with: backups snapshots ${environmentId}`;
      if (!isWaiting(own.wait)) {
        return answer(options, surroundings, { message, environmentId, snapshotId }, [message, later]);
      }
      if (options.json !== true) surroundings.out(message);
      const limitSeconds = waitSeconds(own.wait, BACKUP_SECONDS);
      const ended = await waitFor(actions, { environmentId, snapshotId, limitSeconds, later });
      const done = `Snapshot ${snapshotId} of environment ${environmentId} is completed.`;
      const said = [done, ...describeFindings("warning", ended.warnings)];
      answer(options, surroundings, ended, ended.state === "completed" ? said : []);
      if (ended.state !== "completed") throw failureOf(ended);
    });
  program
    .command("snapshots <environment>")
    .description("list an environment's snapshots, the newest first")
    .addOption(new Option("--state <state>", "only those in this state").choices(STATES))
    .addOption(new Option("--tier <tier>", "only those of this tier").choices(TIERS))
    .option("--filter <text>", "only those whose id, comment or maker contains this, in any case")
    .option("--limit <number>", "at most so many", count)
    .addHelpText(
      "after",
      "\nExamples: npx backups snapshots shop-production\n          npx backups snapshots shop-production --state completed --tier weekly --limit 4 --json",
    )
    .action(async (environmentId: string, own: Choice, command: Command) => {
      const options = commonOptions(command);
      const all = await (await openActions(options, surroundings)).snapshots(environmentId);
      const found = chosen(all, own);
      const lines =
        all.length > 0 && found.length === 0
          ? [`None of the ${all.length} snapshots of environment ${environmentId} is like that.`]
          : describeSnapshots(environmentId, found, surroundings.columns);
      answer(options, surroundings, { environmentId, snapshots: found }, lines);
    });
  program
    .command("snapshot <environment> <snapshot>")
    .description("show one snapshot with all its details (API)")
    .addHelpText("after", "\nExample: npx backups snapshot shop-production 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47")
    .action(async (environmentId: string, snapshotId: string, _own: unknown, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const path = await api.pathOf(environmentId, "snapshots", snapshotId);
      const found = await api.client.ask("GET", path, snapshotAnswer);
      answer(options, surroundings, found, describeOneSnapshot(found));
    });
  program
    .command("comment <environment> <snapshot> <text>")
    .description("change a snapshot's comment (API)")
    .addHelpText(
      "after",
      '\nExample: npx backups comment shop-production 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 "before release 12"',
    )
    .action(async (environmentId: string, snapshotId: string, text: string, _own: unknown, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const path = await api.pathOf(environmentId, "snapshots", snapshotId);
      const changed = await api.client.ask("PUT", path, snapshotAnswer, { body: { comment: text } });
      answer(options, surroundings, changed, [`The comment of snapshot ${snapshotId} is changed.`]);
    });

  function waitFor(
    actions: UserActions,
    given: { environmentId: string; snapshotId: string; limitSeconds: number; later: string },
  ): Promise<PublicSnapshot> {
    const { environmentId, snapshotId, limitSeconds, later } = given;
    const look = async (): Promise<PublicSnapshot> => {
      const found = await actions.snapshot(environmentId, snapshotId);
      if (found !== undefined) return found;
      throw new CommandFailure(1, [`Snapshot ${snapshotId} of environment ${environmentId} is gone.`]);
    };
    const hasEnded = ({ state }: PublicSnapshot): boolean => state === "completed" || state === "failed";
    return look().then((begun) =>
      follow({ begun, look, hasEnded, limitSeconds, what: `Snapshot ${snapshotId}`, later }, surroundings),
    );
  }
}

const failureOf = ({ snapshotId, statusMessage }: PublicSnapshot): CommandFailure =>
  new CommandFailure(1, [`Snapshot ${snapshotId} failed: ${oneLine(statusMessage)}`]);

function chosen(all: readonly PublicSnapshot[], { state, tier, filter, limit }: Choice): readonly PublicSnapshot[] {
  const text = filter?.toLowerCase() ?? "";
  return newestFirst(all)
    .filter((one) => state === undefined || one.state === state)
    .filter((one) => tier === undefined || one.tier === tier)
    .filter((one) => [one.snapshotId, one.comment, one.createdBy].some((field) => field.toLowerCase().includes(text)))
    .slice(0, limit);
}
