/** A restore drill on demand: nothing is drilled without a target; with one a snapshot is restored, proven and removed. */
import type { DrillView, drillList } from "../../lambda/api/schemas/drills";
import type { EnvironmentView } from "../../lambda/api/schemas/environments";
import { DRILLS_PREFIX } from "../../lambda/storage/object-keys";
import type { z } from "zod";
import { withDatabase } from "../environments/environment";
import { environmentPath, expectStatus, type ApiError } from "./api-client";
import { megabytes } from "./progress";
import { askRegistration, part, settle, type StoryContext } from "./story-context";

export const drillOnce = (context: StoryContext): Promise<void> =>
  part(context, "A restore drill", async () => {
    const { local, report, api, source } = context;
    const path = environmentPath(source.registration.appId, source.environmentId);
    const without = await api.post<ApiError>(`${path}drills`, {});
    report.check(
      "drill",
      "without a drill target none is held, and the API says so",
      without.status === 400 && without.body.errorMessage.includes("no drill target"),
      without.body.errorMessage,
    );
    const { host, port, secret, ssl } = source.registration.database;
    const given = await askRegistration(local, {
      action: "drill-target",
      target: { database: { host, port, secret, ssl }, network: source.registration.network },
    });
    report.check("drill", "the region is given a drill target", given.ok, given.message);
    const asked = expectStatus(await api.post<DrillView>(`${path}drills`, {}), 200, "Asking for a drill");
    await settle(local);
    const { drills } = expectStatus(await api.get<z.infer<typeof drillList>>(`${path}drills`), 200, "Listing drills");
    const drill = drills.find(({ drill_id: id }) => id === asked.drill_id);
    report.check(
      "drill",
      "it passes: every table read, every file's checksum, and the database names exactly the snapshot's files",
      drill?.outcome === "passed" &&
        (drill.database?.rows ?? 0) > 0 &&
        drill.files.checked > 0 &&
        drill.closure?.proven === true,
      `${drill?.status_message ?? "no drill"} ${megabytes(drill?.files.bytes ?? 0)}`,
    );
    const environment = expectStatus(await api.get<EnvironmentView>(path.slice(0, -1)), 200, "Reading the environment");
    report.check(
      "drill",
      "the environment shows it as its last one",
      environment.last_drill?.drill_id === asked.drill_id,
      environment.last_drill?.finished_at ?? "none",
    );
    report.checkNone("drill", "nothing of it is left at the drill target", await leftovers(context));
    const taken = await askRegistration(local, { action: "drill-target", target: null });
    report.check("drill", "the drill target is taken away again", taken.ok, taken.message);
  });

const leftovers = async ({ source, transferBucket, local }: StoryContext): Promise<readonly string[]> => {
  const files: string[] = [];
  for await (const { key } of local.store.versions(transferBucket, DRILLS_PREFIX)) files.push(key);
  const databases = await withDatabase(source.database, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      "SELECT datname FROM pg_database WHERE datname LIKE 'drill\\_%'",
    );
    return rows.map(({ datname }) => datname);
  });
  return [...files, ...databases];
};
