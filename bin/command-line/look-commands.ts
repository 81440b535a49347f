/** `environments`, `calendar`, `regions` and `me`: what there is to look at, through the API. */
import type { Command } from "commander";
import { calendar, environmentList, me, regionList, type ApiCalendar, type EnvironmentSummary } from "./api/answers";
import { apiPath } from "./api/api-client";
import { requireApi } from "./api/api-connection";
import { answer, count } from "./common-options";
import { oneLine } from "./plain-text";
import type { Surroundings } from "./surroundings";

const DAYS = 60;

export function addLookCommands(program: Command, surroundings: Surroundings): void {
  program
    .command("environments")
    .description("list the environments on which you have a role; with --app those of one app (API)")
    .addHelpText("after", "\nExample: npx backups environments --app shop")
    .action(async (_own: unknown, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const environments: EnvironmentSummary[] = [];
      for (const app of (await api.environmentIds()).keys()) {
        const path = apiPath("apps", app, "environments");
        environments.push(...(await api.client.ask("GET", path, environmentList)).environments);
      }
      const lines = environments.map(
        (one) =>
          `${one.environmentId}  app ${one.projectId}  ${one.region}  ${one.running ? "running" : "stopped"}  replication ${one.replication}`,
      );
      answer(options, surroundings, { environments }, lines.length === 0 ? ["There are none."] : lines);
    });
  program
    .command("calendar <environment>")
    .description("coming backups with their tiers and expiries, and how long each snapshot lives (API)")
    .option("--days <number>", "how far to look ahead", count, DAYS)
    .addHelpText("after", "\nExample: npx backups calendar shop-production --days 14")
    .action(async (environmentId: string, own: { days: number }, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const path = await api.pathOf(environmentId, "calendar");
      const found = await api.client.ask("GET", path, calendar, { query: { days: own.days } });
      answer(options, surroundings, { environmentId, ...found }, describeCalendar(found));
    });
  program
    .command("regions")
    .description("the nightly table: each region's window and replication region (API)")
    .addHelpText("after", "\nExample: npx backups regions")
    .action(async (_own: unknown, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const found = await api.client.ask("GET", apiPath("regions"), regionList);
      answer(
        options,
        surroundings,
        found,
        found.regions.map(
          ({ name, region, replicationName, startUtc, durationMinutes, deployed }) =>
            `${name.padEnd(12)}  ${region.padEnd(14)}  ${startUtc} UTC for ${String(durationMinutes / 60)} h, replicated to ${replicationName}${deployed ? "" : "  (not deployed)"}${region === found.region ? "  (this one)" : ""}`,
        ),
      );
    });
  program
    .command("me")
    .description("who you are to the API, and your roles")
    .addHelpText("after", "\nExample: npx backups me")
    .action(async (_own: unknown, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const found = await api.client.ask("GET", apiPath("me"), me);
      const grants = found.grants.map(({ app, role }) => `${app}:${role}`).join(" ");
      answer(options, surroundings, found, [`${oneLine(found.name)}  ${grants === "" ? "no roles" : grants}`]);
    });
}

const describeCalendar = ({ runs, lives, notes }: ApiCalendar): readonly string[] => [
  ...(runs.length === 0
    ? ["No backups are coming."]
    : ["Coming backups:", ...runs.map(({ at, tier, expiresAt }) => `  ${at}  ${tier.padEnd(9)}  until ${expiresAt}`)]),
  ...(lives.length === 0
    ? ["There are no snapshots."]
    : [
        "Snapshots, by when they end:",
        ...lives
          .toSorted((a, b) => a.expiresAt.localeCompare(b.expiresAt) || a.snapshotId.localeCompare(b.snapshotId))
          .map(
            ({ snapshotId, tier, state, createdAt, expiresAt }) =>
              `  until ${expiresAt}  ${tier.padEnd(9)}  ${state.padEnd(9)}  ${snapshotId} of ${createdAt}`,
          ),
      ]),
  ...notes.map(oneLine),
];
