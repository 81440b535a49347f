/** Uses the API as scripts written for it do: lists, creates, reads, comments; and meets what it refuses. */
import { join } from "node:path";
import type { SnapshotView } from "../../lambda/api/schemas/snapshots";
import { isoSeconds } from "../../lambda/catalog/catalog";
import { addDays } from "../../lambda/rules/utc-date";
import { runProgram } from "../servers/child-processes";
import { environmentPath, expectStatus, type ApiAnswer, type ApiError } from "./api-client";
import { commandLineVariables } from "./examples";
import { makeKey } from "./keys";
import type { PlayedNight } from "./night";
import { settle, part, type StoryContext } from "./story-context";

interface SnapshotPage {
  readonly snapshots: readonly SnapshotView[];
  readonly total: number;
}

export const useApi = (context: StoryContext, nights: readonly PlayedNight[]): Promise<void> =>
  part(context, "Using the API", async () => {
    await listsSnapshots(context, nights);
    await asksFromCommandLine(context, nights);
    const created = await createsSnapshot(context);
    await keepsLonger(context, created);
    await refusesOthers(context);
    await refusesMistakes(context);
  });

const snapshotsPath = ({ source }: StoryContext): string =>
  `${environmentPath(source.registration.appId, source.environmentId)}snapshots`;

const listsSnapshots = async (context: StoryContext, nights: readonly PlayedNight[]): Promise<void> => {
  const { report, api } = context;
  const path = snapshotsPath(context);
  const { snapshots, total } = expectStatus(await api.get<SnapshotPage>(path), 200, "Listing snapshots");
  const expected = nights.map(({ snapshot }) => snapshot.snapshotId).toReversed();
  report.check(
    "api",
    "it lists the nights' snapshots, the newest first, made by Nightly",
    total === expected.length &&
      snapshots.map(({ snapshot_id: id }) => id).join() === expected.join() &&
      snapshots.every(({ type }) => type === "Nightly"),
    snapshots.map(({ tier, type, size }) => `${tier} by ${type}, ${size} bytes`).join("; "),
  );
  const beyond = expectStatus(await api.get<SnapshotPage>(`${path}?offset=${total}&limit=1`), 200, "Beyond the end");
  report.check("api", "a page beyond the end is empty", beyond.snapshots.length === 0 && beyond.total === total);

  const one = snapshots.at(-1);
  if (one === undefined) return;
  const comment = "before the great change – ä";
  const changed = await api.put<SnapshotView>(`${path}/${one.snapshot_id}`, { comment });
  const after = expectStatus(await api.get<SnapshotView>(`${path}/${one.snapshot_id}`), 200, "Reading a snapshot");
  report.check(
    "api",
    "a comment can be changed, and leaves updated_at as it was",
    changed.status === 200 && after.comment === comment && after.updated_at === one.updated_at,
    `${after.comment}, ${after.updated_at}`,
  );
};

/** A process of its own, as people run it. Its key is in its environment, never among its arguments. */
const asksFromCommandLine = async (
  { report, api, source }: StoryContext,
  nights: readonly PlayedNight[],
): Promise<void> => {
  const program = join(__dirname, "..", "..", "bin", "backups.mjs");
  const { code, output } = await runProgram(process.execPath, [program, "snapshots", source.environmentId, "--json"], {
    env: { PATH: process.env["PATH"], ...commandLineVariables(api) },
  });
  const missing = nights.map(({ snapshot }) => snapshot.snapshotId).filter((id) => !output.includes(id));
  report.check(
    "api",
    "the command line lists the same snapshots",
    code === 0 && missing.length === 0,
    code === 0 ? `${nights.length - missing.length} of ${nights.length}` : output.trim().slice(-300),
  );
};

const createsSnapshot = async (context: StoryContext): Promise<SnapshotView> => {
  const { report, api, local } = context;
  const path = snapshotsPath(context);
  const comment = "made by hand";
  const created = expectStatus(await api.post<SnapshotView>(path, { comment }), 200, "Creating a snapshot");
  await settle(local);
  const done = expectStatus(await api.get<SnapshotView>(`${path}/${created.snapshot_id}`), 200, "Reading a snapshot");
  report.check(
    "api",
    "a snapshot made by hand is completed, replicated, and carries its maker's name and comment",
    done.state === "completed" &&
      done.replicated_at !== null &&
      done.type === api.key?.username &&
      done.tier === "on-demand" &&
      done.comment === comment,
    `${done.state} ${done.status_message ?? ""}, by ${done.type}, expires ${done.expires_at}`,
  );
  return done;
};

/** One day longer: every object is locked until then on both sides before the new date shows. */
const keepsLonger = async (
  context: StoryContext,
  { snapshot_id: id, expires_at: before }: SnapshotView,
): Promise<void> => {
  const { report, api, local } = context;
  const one = `${snapshotsPath(context)}/${id}`;
  const until = isoSeconds(addDays(new Date(before), 1));
  expectStatus(await api.put<SnapshotView>(`${one}/keep-until`, { until }), 200, "Keeping a snapshot longer");
  await settle(local);
  const kept = expectStatus(await api.get<SnapshotView>(one), 200, "Reading a snapshot");
  report.check(
    "api",
    "an administrator keeps a snapshot a day longer",
    Date.parse(kept.expires_at) === Date.parse(until),
    kept.expires_at,
  );
};

const refusesOthers = async (context: StoryContext): Promise<void> => {
  const { report, api, local, secrets, source } = context;
  const path = snapshotsPath(context);
  const nobody = await api.as(undefined).get<ApiError>(path);
  const wrong = await api.as({ username: api.key?.username ?? "", key: "not the key" }).get<ApiError>(path);
  report.check(
    "api",
    "without a key, or with a wrong one, it answers 403 NO_ACCESS",
    [nobody, wrong].every(({ status, body }) => status === 403 && body.errorCode === "NO_ACCESS"),
    `${describe(nobody)} and ${describe(wrong)}`,
  );
  const reader = await makeKey(local, secrets, "a reader", [{ app: source.registration.appId, role: "read" }]);
  const reads = await api.as(reader).get<SnapshotPage>(path);
  const creates = await api.as(reader).post<ApiError>(path, {});
  report.check(
    "api",
    "who may only read, reads, and gets 403 NO_ACCESS for a backup",
    reads.status === 200 && creates.status === 403 && creates.body.errorCode === "NO_ACCESS",
    `${reads.status} and ${describe(creates)}`,
  );
  const stranger = await makeKey(local, secrets, "a stranger", [{ app: "another-app", role: "administer" }]);
  const hidden = await api.as(stranger).get<ApiError>(path);
  const absent = await api.as(stranger).get<ApiError>(path.replace(source.environmentId, "there-is-none"));
  report.check(
    "api",
    "without a role on its app, an environment answers like one that doesn't exist",
    hidden.status === 404 &&
      absent.status === 404 &&
      JSON.stringify(hidden.body) === JSON.stringify(absent.body).replaceAll("there-is-none", source.environmentId),
    describe(hidden),
  );
};

const refusesMistakes = async (context: StoryContext): Promise<void> => {
  const { report, api } = context;
  const path = snapshotsPath(context);
  const unknown = await api.get<ApiError>(`${path}/there-is-none`);
  const bad = await api.get<ApiError>(`${path}?limit=many`);
  report.check(
    "api",
    "an unknown snapshot is 404 NOT_FOUND, a bad parameter 400 INVALID_PARAMETERS",
    unknown.status === 404 &&
      unknown.body.errorCode === "NOT_FOUND" &&
      bad.status === 400 &&
      bad.body.errorCode === "INVALID_PARAMETERS",
    `${describe(unknown)}; ${describe(bad)}`,
  );
  const description = await api.as(undefined).get<{ openapi?: string; paths?: object }>("openapi.json");
  const paths = Object.keys(description.body.paths ?? {}).length;
  report.check(
    "api",
    "it describes itself to everybody",
    description.status === 200 && paths > 0,
    `OpenAPI ${description.body.openapi}, ${paths} paths`,
  );
};

const describe = ({ status, body }: ApiAnswer<ApiError>): string =>
  `${status} ${body?.errorCode}: ${body?.errorMessage}`;
