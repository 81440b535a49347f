/** `plan`, `restore`, `restore-status` and `restores`: what a restore would do, doing it, and looking at it. */
import type { Command } from "commander";
import type { PublicRestore } from "../../lambda/requests/contract";
import { restoreList, restorePlan } from "./api/answers";
import { requireApi } from "./api/api-connection";
import { publicRestore } from "./api/public-forms";
import { answer, commonOptions, type CommonOptions } from "./common-options";
import { CONFIRM, confirmed } from "./confirm";
import { describePlan, objections } from "./describe-plan";
import { describeRestore, failureOf, findings, isHeldBack, progressOf } from "./describe-restore";
import { follow } from "./follow";
import { oneLine, second } from "./plain-text";
import { withBar } from "./progress";
import { CommandFailure, type ProgressBar, type Surroundings } from "./surroundings";
import { type Column, table } from "./table";
import { openActions, type UserActions } from "./user-actions";
import { isWaiting, type Wait, waitOption, waitSeconds } from "./wait-option";

/** A terabyte takes hours; a restore that is followed no longer goes on all the same. */
const FOLLOW_SECONDS = 12 * 3600;
/** Planning reads the file index and lists the target's bucket. */
const PLAN_SECONDS = 3600;
const SNAPSHOT = "3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47";

const RESTORES: readonly Column<PublicRestore>[] = [
  { title: "RESTORE", of: ({ restoreId }) => restoreId },
  { title: "ASKED", of: ({ createdAt }) => second(createdAt) },
  { title: "STATE", of: progressOf },
  { title: "BY", of: ({ requestedBy }) => requestedBy, dispensable: 1 },
  { title: "SNAPSHOT", of: ({ snapshotId }) => snapshotId, dispensable: 2 },
  { title: "MESSAGE", of: ({ statusMessage }) => statusMessage },
];

interface RestoreOptions {
  readonly from?: string;
  readonly into: string;
  readonly databaseOnly?: boolean;
  readonly acknowledge?: readonly string[];
  readonly confirm?: string;
  readonly wait: Wait;
}

export function addRestoreCommands(program: Command, surroundings: Surroundings): void {
  const planning = program
    .command("plan <snapshot>")
    .description("plan a restore without touching anything: does it fit, how long, what stands against it (API)")
    .requiredOption("--to, --into <environment>", "the environment that would be restored into")
    .option("--database-only", "leave the files as they are");
  waitOption(planning, "for the plan", PLAN_SECONDS)
    .addHelpText(
      "after",
      `\nExit code 3: the restore would be refused, or has warnings to accept.\nExample: npx backups plan ${SNAPSHOT} --into shop-acceptance`,
    )
    .action(
      async (
        snapshotId: string,
        own: Pick<RestoreOptions, "into" | "databaseOnly" | "wait">,
        command: Command,
      ): Promise<void> => {
        const { options, api } = requireApi(command, surroundings);
        const path = await api.pathOf(own.into, "restore-plans");
        const query = { source_snapshot_id: snapshotId, db_only: own.databaseOnly === true };
        const begun = await api.client.ask("POST", path, restorePlan, { query });
        if (!isWaiting(own.wait))
          return answer(options, surroundings, begun, [`Plan ${begun.planId} is being made; nothing was touched.`]);
        const planned = await follow(
          {
            begun,
            look: () => api.client.ask("GET", `${path}/${encodeURIComponent(begun.planId)}`, restorePlan),
            hasEnded: ({ state }) => state === "completed" || state === "failed",
            limitSeconds: waitSeconds(own.wait, PLAN_SECONDS),
            what: `Plan ${begun.planId}`,
            later: "Nothing was touched; ask for the plan again.",
          },
          surroundings,
        );
        answer(options, surroundings, planned, describePlan(planned));
        const objection = objections(planned);
        if (objection !== undefined) throw objection;
      },
    );
  const restoring = program
    .command("restore <snapshot>")
    .description("restore a snapshot into a stopped environment of the same app, and follow it to its end")
    .option("--from <environment>", "the environment that the snapshot was taken of (the API finds it by itself)")
    .requiredOption("--to, --into <environment>", "the environment whose database and files are replaced")
    .option("--database-only", "leave the files as they are")
    .option("--acknowledge <codes...>", 'codes of the plan\'s warnings that you have read and accept; "*" for all')
    .option(CONFIRM, "the name of the environment that is restored into, in place of typing it when asked");
  waitOption(restoring, "until it has ended", FOLLOW_SECONDS)
    .addHelpText(
      "after",
      `\nExit code 3: the plan refuses it, or its warnings wait to be accepted; nothing was changed.\nExample: npx backups restore ${SNAPSHOT} --from shop-production --into shop-acceptance --confirm shop-acceptance`,
    )
    .action(async (snapshotId: string, own: RestoreOptions, command: Command) => {
      const options = commonOptions(command);
      await confirmed(own, surroundings, {
        name: own.into,
        what: `${own.databaseOnly === true ? "The database" : "Database and files"} of environment ${own.into} will be replaced by those of snapshot ${snapshotId}.`,
      });
      const actions = await openActions(options, surroundings);
      const { message, restore } = await actions.restore({
        snapshotId,
        from: own.from,
        to: own.into,
        databaseOnly: own.databaseOnly === true,
        acknowledged: (own.acknowledge ?? []).flatMap((codes) => codes.split(",")).filter((code) => code !== ""),
      });
      if (!isWaiting(own.wait)) return answer(options, surroundings, restore, [message, lookLater(restore)]);
      if (options.json !== true) surroundings.out(message);
      const ended = await withBar("Files", options, surroundings, (show) =>
        followRestore(restore, waitSeconds(own.wait, FOLLOW_SECONDS), { actions, options, surroundings, show }),
      );
      conclude(ended, options, surroundings);
    });
  program
    .command("restore-status <restore>")
    .description("show how far a restore is, its plan's refusals and warnings, and its files")
    .option("--into <environment>", "the environment that is restored into (spares the API a search)")
    .addHelpText("after", "\nExample: npx backups restore-status restore-9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d")
    .action(async (restoreId: string, own: { into?: string }, command: Command) => {
      const options = commonOptions(command);
      const restore = await (await openActions(options, surroundings)).restoreStatus(restoreId, own.into);
      answer(options, surroundings, restore, describeRestore(restore));
    });
  program
    .command("restores <environment>")
    .description("list the most recent restores into an environment, the newest first (API)")
    .addHelpText("after", "\nExample: npx backups restores shop-acceptance")
    .action(async (environmentId: string, _own: unknown, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const { restores } = await api.client.ask("GET", await api.pathOf(environmentId, "restores"), restoreList);
      const found = restores.map(publicRestore);
      answer(
        options,
        surroundings,
        { environmentId, restores: found },
        found.length === 0
          ? [`Nothing has been restored into environment ${environmentId}.`]
          : table(RESTORES, found, surroundings.columns),
      );
    });
}

/** Prints what changes until the restore has ended. */
async function followRestore(
  begun: PublicRestore,
  limitSeconds: number,
  given: {
    readonly actions: UserActions;
    readonly options: CommonOptions;
    readonly surroundings: Surroundings;
    readonly show: ProgressBar["show"];
  },
): Promise<PublicRestore> {
  const { actions, options, surroundings, show } = given;
  const { restoreId } = begun;
  let printed = lineOf(begun);
  return follow(
    {
      begun,
      look: () => actions.restoreStatus(restoreId, begun.targetEnvironmentId),
      hasEnded,
      onLook: (restore) => {
        if (restore.phase === "files" && restore.plan !== null) {
          const { files, plan } = restore;
          show(files.put + files.replaced, plan.filesToPut + plan.filesToReplace);
        }
        const line = lineOf(restore);
        if (line !== printed && !hasEnded(restore) && options.json !== true)
          surroundings.out(`${second(restore.updatedAt)}  ${line}`);
        printed = line;
      },
      limitSeconds,
      what: `Restore ${restoreId}`,
      later: lookLater(begun),
    },
    surroundings,
  );
}

const lookLater = ({ restoreId }: PublicRestore): string =>
  `The restore goes on by itself; look later with: backups restore-status ${restoreId}`;

const hasEnded = (restore: PublicRestore): boolean =>
  restore.state === "completed" || restore.state === "failed" || isHeldBack(restore);

const lineOf = (restore: PublicRestore): string =>
  [progressOf(restore), oneLine(restore.statusMessage)].filter((text) => text !== "").join(": ");

function conclude(restore: PublicRestore, options: CommonOptions, surroundings: Surroundings): void {
  const { state, restoreId, targetEnvironmentId, statusMessage, files, databaseOnly } = restore;
  const completed = [
    `Restore ${restoreId} into environment ${targetEnvironmentId} is completed. ${oneLine(statusMessage)}`.trim(),
    ...(databaseOnly ? [] : [`Files: ${files.put} put, ${files.kept} kept, ${files.removed} removed.`]),
  ];
  answer(options, surroundings, restore, [...findings(restore), ...(state === "completed" ? completed : [])]);
  if (state !== "completed") throw new CommandFailure(isHeldBack(restore) ? 3 : 1, [failureOf(restore)]);
}
