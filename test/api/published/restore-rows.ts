/** Request a restore of a snapshot into a stopped environment, and look how far it is. */
import { ACCEPTANCE, PRODUCTION } from "../../support/api-world";
import { environmentPath, type ApiUnderTest } from "../api-client";
import { DELETING, EXPIRED, FAILED, LIST, NIGHTLY, refused, type Row, RESTORE_FIELDS, RESTORES } from "./row";

const PLANS = `${environmentPath(ACCEPTANCE)}/restore-plans`;
const asked = async (api: ApiUnderTest): Promise<string> =>
  (await api.send("restorer", "POST", `${RESTORES}?source_snapshot_id=${NIGHTLY}`)).json.restore_id;
const changed =
  (change: Parameters<ApiUnderTest["fakes"]["catalog"]["updateRestore"]>[1]) =>
  async (api: ApiUnderTest): Promise<string> => {
    const id = await asked(api);
    await api.fakes.catalog.updateRestore(id, { updatedAt: "2026-12-05T12:09:00Z", ...change });
    return id;
  };
const SENTENCE = "The database was restored; the files were left as they were.";

export const RESTORE_ROWS: readonly Row[] = [
  {
    name: "a restore of another environment's snapshot, without a word on warnings",
    method: "POST",
    path: `${RESTORES}?source_snapshot_id=${NIGHTLY}`,
    right: {
      status: 200,
      fields: RESTORE_FIELDS,
      values: {
        state: "queued",
        status_message: null,
        finished_at: null,
        updated_at: null,
        source_snapshot_id: NIGHTLY,
        source_environment_id: PRODUCTION,
        target_environment_id: ACCEPTANCE,
        db_only: false,
      },
    },
  },
  ...["true", "True", "TRUE", "tRuE", "false", "False", "FALSE"].flatMap((text): Row[] =>
    [RESTORES, PLANS].map((path) => ({
      name: `${path} takes ${text}`,
      method: "POST",
      path: `${path}?source_snapshot_id=${NIGHTLY}&db_only=${text}`,
      right: { status: 200, values: { db_only: text.toLowerCase() === "true" } },
    })),
  ),
  ...["perhaps", "", "1", "yes", "true%20", "true&db_only=false"].flatMap((text): Row[] =>
    [RESTORES, PLANS].map((path) => ({
      name: `${path} refuses the boolean "${text}"`,
      method: "POST",
      path: `${path}?source_snapshot_id=${NIGHTLY}&db_only=${text}`,
      right: refused(400, "INVALID_PARAMETERS", /"db_only"/),
    })),
  ),
  ...[RESTORES, PLANS].flatMap((path): Row[] => [
    {
      name: `${path} needs a source`,
      method: "POST",
      path,
      right: refused(400, "INVALID_PARAMETERS", /"source_snapshot_id" is missing/),
    },
    ...["unknown", EXPIRED, DELETING].map((id): Row => ({
      name: `${path} knows no source ${id}`,
      method: "POST",
      path: `${path}?source_snapshot_id=${id}`,
      right: refused(400, "NOT_FOUND", /snapshot/),
    })),
    {
      name: `${path} takes no failed source`,
      method: "POST",
      path: `${path}?source_snapshot_id=${FAILED}`,
      right: refused(400, "ERROR_NOT_ALLOWED", /failed/),
    },
    ...(["queued", "running"] as const).map((state): Row => ({
      name: `${path} takes no ${state} source`,
      method: "POST",
      path: `${path}?source_snapshot_id=${NIGHTLY}`,
      before: ({ fakes }) => fakes.catalog.updateSnapshot(PRODUCTION, NIGHTLY, { state }),
      right: refused(400, "ERROR_NOT_ALLOWED", new RegExp(`still ${state}`)),
    })),
  ]),
  {
    name: "not into a running environment",
    method: "POST",
    path: `${environmentPath(PRODUCTION)}/restores?source_snapshot_id=${NIGHTLY}`,
    right: refused(400, "ERROR_NOT_ALLOWED", /is running: stop it/),
  },
  {
    name: "not into one that never had the app",
    method: "POST",
    path: `${RESTORES}?source_snapshot_id=${NIGHTLY}`,
    before: ({ fakes }) => fakes.catalog.updateEnvironment(ACCEPTANCE, { firstStartedAt: null }),
    right: refused(400, "ERROR_NOT_ALLOWED", /No app has been deployed/),
  },
  // Acknowledgements: ours.
  ...["ModelVersionOlder,FilesMissing", "*", "DumpWarned", "ModelVersionOlder,ModelVersionOlder", ""].map(
    (codes): Row => ({
      name: `acknowledges "${codes}"`,
      method: "POST",
      path: `${RESTORES}?source_snapshot_id=${NIGHTLY}&acknowledge=${codes}`,
      right: {
        status: 200,
        values: { acknowledged: [...new Set(codes.split(","))].filter((code) => code !== ""), state: "queued" },
      },
    }),
  ),
  ...["Nonsense", "modelversionolder", "SessionsPresent", "ModelVersionOlder,Nonsense", "RecoveryPointLocked"].map(
    (codes): Row => ({
      name: `refuses to acknowledge "${codes}", which no warning has`,
      method: "POST",
      path: `${RESTORES}?source_snapshot_id=${NIGHTLY}&acknowledge=${codes}`,
      right: refused(400, "INVALID_PARAMETERS", /"acknowledge" says .*none has the code \w+\.$/),
    }),
  ),

  {
    name: "shows a restore that is queued",
    method: "GET",
    path: `${RESTORES}/{id}`,
    before: asked,
    right: { status: 200, fields: RESTORE_FIELDS, values: { state: "queued", status_message: null } },
  },
  {
    name: "shows a restore that has completed, in the published words and then its own",
    method: "GET",
    path: `${RESTORES}/{id}`,
    before: changed({ state: "completed", finishedAt: "2026-12-05T12:09:00Z", statusMessage: SENTENCE }),
    right: {
      status: 200,
      fields: { ...RESTORE_FIELDS, finished_at: "time", updated_at: "time" },
      values: { state: "completed", status_message: `Restore completed. ${SENTENCE}` },
    },
  },
  {
    name: "shows a restore that has failed, and why",
    method: "GET",
    path: `${RESTORES}/{id}`,
    before: changed({ state: "failed", finishedAt: "2026-12-05T12:09:00Z", statusMessage: "It broke." }),
    right: { status: 200, values: { state: "failed", status_message: "It broke." } },
  },
  {
    name: "shows a restore that waits for warnings to be acknowledged, and not as failed",
    method: "GET",
    path: `${RESTORES}/{id}`,
    before: changed({ phase: "acknowledgement", statusMessage: "Nothing was touched: …" }),
    right: {
      status: 200,
      fields: RESTORE_FIELDS,
      values: { state: "queued", phase: "acknowledgement", status_message: "Nothing was touched: …" },
    },
  },
  // On purpose: the published text says 400 here, and 404 of every other thing that isn't there.
  { name: "an unknown restore", method: "GET", path: `${RESTORES}/unknown`, right: refused(404, "NOT_FOUND") },
  {
    name: "a restore at another target",
    method: "GET",
    path: `${LIST.replace("/snapshots", "/restores")}/{id}`,
    before: asked,
    right: refused(404, "NOT_FOUND"),
  },
];
