/** `environments`, `calendar`, `regions` and `me`: what there is to look at, through the API. */
import type { Command } from "commander";
import {
  type ApiCalendar,
  type ApiRegion,
  calendar,
  environmentList,
  type EnvironmentSummary,
  me,
  regionList,
} from "./api/answers";
import { apiPath } from "./api/api-client";
import { requireApi } from "./api/api-connection";
import { answer, count } from "./common-options";
import { oneLine, second } from "./plain-text";
import type { Surroundings } from "./surroundings";
import { type Column, table } from "./table";

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
      const lines = table(ENVIRONMENTS, environments, surroundings.columns);
      answer(options, surroundings, { environments }, environments.length === 0 ? ["There are none."] : lines);
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
      answer(options, surroundings, { environmentId, ...found }, describeCalendar(found, surroundings.columns));
    });
  program
    .command("regions")
    .description("the nightly table: each region's window and replication region (API)")
    .addHelpText("after", "\nExample: npx backups regions")
    .action(async (_own: unknown, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const found = await api.client.ask("GET", apiPath("regions"), regionList);
      const regions = found.regions.map((one) => ({ ...one, isThis: one.region === found.region }));
      answer(options, surroundings, found, table(REGIONS, regions, surroundings.columns));
    });
  program
    .command("me")
    .description("who you are to the API, and your roles (API)")
    .addHelpText("after", "\nExample: npx backups me")
    .action(async (_own: unknown, command: Command) => {
      const { options, api } = requireApi(command, surroundings);
      const found = await api.client.ask("GET", apiPath("me"), me);
      const grants = found.grants.map(({ app, role }) => `${app}:${role}`).join(" ");
      answer(options, surroundings, found, [`${oneLine(found.name)}  ${grants === "" ? "no roles" : grants}`]);
    });
}

const ENVIRONMENTS: readonly Column<EnvironmentSummary>[] = [
  { title: "ENVIRONMENT", of: ({ environmentId }) => environmentId },
  { title: "APP", of: ({ projectId }) => projectId },
  { title: "REGION", of: ({ region }) => region, dispensable: 1 },
  { title: "STATE", of: ({ running }) => (running ? "running" : "stopped") },
  { title: "REPLICATION", of: ({ replication }) => replication, dispensable: 2 },
];

const REGIONS: readonly Column<ApiRegion & { readonly isThis: boolean }>[] = [
  { title: "NAME", of: ({ name }) => name },
  { title: "REGION", of: ({ region }) => region },
  { title: "WINDOW", of: ({ startUtc, durationMinutes }) => `${startUtc} UTC for ${durationMinutes / 60} h` },
  { title: "REPLICATED TO", of: ({ replicationName }) => replicationName },
  { title: "DEPLOYED", of: ({ deployed, isThis }) => (isThis ? "this one" : deployed ? "yes" : "no"), dispensable: 1 },
];

const RUNS: readonly Column<ApiCalendar["runs"][number]>[] = [
  { title: "COMING", of: ({ at }) => second(at) },
  { title: "TIER", of: ({ tier }) => tier },
  { title: "KEPT UNTIL", of: ({ expiresAt }) => second(expiresAt) },
];
const LIVES: readonly Column<ApiCalendar["lives"][number]>[] = [
  { title: "ENDS", of: ({ expiresAt }) => second(expiresAt) },
  { title: "TIER", of: ({ tier }) => tier, dispensable: 2 },
  { title: "STATE", of: ({ state }) => state, dispensable: 1 },
  { title: "SNAPSHOT", of: ({ snapshotId }) => snapshotId },
  { title: "CREATED", of: ({ createdAt }) => second(createdAt) },
];

/** Two tables, with an empty line between them. */
const describeCalendar = ({ runs, lives, notes }: ApiCalendar, width: number | undefined): readonly string[] => [
  ...(runs.length === 0 ? ["No backups are coming."] : table(RUNS, runs, width)),
  "",
  ...(lives.length === 0
    ? ["There are no snapshots."]
    : table(
        LIVES,
        lives.toSorted((a, b) => a.expiresAt.localeCompare(b.expiresAt) || a.snapshotId.localeCompare(b.snapshotId)),
        width,
      )),
  ...notes.map(oneLine),
];
