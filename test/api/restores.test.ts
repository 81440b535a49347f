/** Restores and their plans, replayed with real HTTP requests. */
import { ACCEPTANCE, OTHER, PRODUCTION, SNAPSHOTS } from "../support/api-world";
import { environmentPath, refusal, startApi, type ApiUnderTest } from "./api-client";
import { auditOf } from "./audit-of";

const [NIGHTLY, WEEKLY, , , , FAILED, EXPIRED, DELETING] = SNAPSHOTS.map(({ snapshotId }) => snapshotId);
const RESTORES = `${environmentPath(ACCEPTANCE)}/restores`;
const PLANS = `${environmentPath(PRODUCTION)}/restore-plans`;

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

test("restores a snapshot of another environment of the app into a stopped one", async () => {
  const query = `source_snapshot_id=${NIGHTLY}&db_only=true&acknowledge=ModelVersionOlder,ExtensionVersionsDiffer`;
  const { status, json } = await api.send("restorer", "POST", `${RESTORES}?${query}`);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    source_snapshot_id: NIGHTLY,
    source_environment_id: PRODUCTION,
    target_environment_id: ACCEPTANCE,
    db_only: true,
    state: "queued",
    status_message: null,
    created_at: "2026-12-05T12:00:00.000Z",
    finished_at: null,
    updated_at: null,
    plan: null,
    files: { put: 0, replaced: 0, kept: 0, removed: 0, left: 0 },
    requested_by: "restorer",
    acknowledged: ["ModelVersionOlder", "ExtensionVersionsDiffer"],
  });
  expect(api.fakes.workflows.started).toMatchObject([
    { name: json.restore_id, stateMachineArn: api.fakes.settings.RESTORE_STATE_MACHINE_ARN },
  ]);
  expect(auditOf(api)).toMatchObject([
    { action: "restore.create", by: "restorer", environmentId: ACCEPTANCE, details: { snapshotId: NIGHTLY } },
  ]);
  expect((await api.send("reader", "GET", `${RESTORES}/${json.restore_id}`)).json).toEqual(json);
  expect((await api.send("reader", "GET", RESTORES)).json.restores).toEqual([json]);
});

test("shows progress, plan and result", async () => {
  const { json } = await api.send("restorer", "POST", `${RESTORES}?source_snapshot_id=${NIGHTLY}`);
  const warning = { code: "OLDER_MODEL", message: "The snapshot is of an older model." };
  const done = { part: 1, after: null, batches: 1, put: 7, kept: 3, done: true };
  await api.fakes.catalog.updateRestore(json.restore_id, {
    state: "completed",
    phase: "done",
    statusMessage: "7 files were put.",
    updatedAt: "2026-12-05T12:09:00Z",
    finishedAt: "2026-12-05T12:09:00Z",
    files: done,
    plan: {
      at: "2026-12-05T12:01:00Z",
      refusals: [],
      warnings: [warning],
      filesToPut: 7,
      bytesToPut: 700,
      filesPresent: 3,
      estimatedSeconds: 60,
    },
  });
  const { json: result } = await api.send("reader", "GET", `${RESTORES}/${json.restore_id}`);
  expect(result).toMatchObject({
    state: "completed",
    status_message: "Restore completed. 7 files were put.",
    finished_at: "2026-12-05T12:09:00.000Z",
    files: { put: 7, replaced: 0, kept: 3, removed: 0, left: 0 },
    plan: { warnings: [warning], files_to_put: 7, bytes_to_put: 700, files_present: 3, estimated_seconds: 60 },
  });
});

test("plans a restore into a running environment without touching it, and plans are no restores", async () => {
  const { status, json } = await api.send("restorer", "POST", `${PLANS}?source_snapshot_id=${WEEKLY}`);
  expect(status).toBe(200);
  expect(json).toMatchObject({ source_snapshot_id: WEEKLY, target_environment_id: PRODUCTION, state: "queued" });
  expect(await api.fakes.catalog.getRestore(json.plan_id)).toMatchObject({ planOnly: true });
  expect((await api.send("reader", "GET", `${PLANS}/${json.plan_id}`)).json).toEqual(json);
  const asRestore = `${environmentPath(PRODUCTION)}/restores`;
  expect((await api.send("reader", "GET", `${asRestore}/${json.plan_id}`)).json).toEqual(refusal("NOT_FOUND"));
  expect((await api.send("reader", "GET", asRestore)).json.restores).toEqual([]);
  expect(auditOf(api)).toMatchObject([{ action: "plan.create" }]);
});

test("a restore is no plan, and is shown only at its own target", async () => {
  const { json } = await api.send("restorer", "POST", `${RESTORES}?source_snapshot_id=${NIGHTLY}`);
  for (const path of [
    `${environmentPath(ACCEPTANCE)}/restore-plans/${json.restore_id}`,
    `${environmentPath(PRODUCTION)}/restores/${json.restore_id}`,
    `${RESTORES}/restore-unknown`,
  ])
    expect(await api.send("reader", "GET", path)).toMatchObject({ status: 404, json: refusal("NOT_FOUND") });
});

test("asked again with the same Idempotency-Key is the same restore, even when its app has been started since", async () => {
  const headers = { "Idempotency-Key": "5e0a9b1c-04c9-4a1a-8f13-37b1c9b0c9a4" };
  const path = `${RESTORES}?source_snapshot_id=${NIGHTLY}`;
  const first = await api.send("restorer", "POST", path, { headers });
  await api.fakes.catalog.updateEnvironment(ACCEPTANCE, { running: true });
  expect((await api.send("restorer", "POST", path, { headers })).json).toEqual(first.json);
  expect(api.fakes.workflows.started).toHaveLength(1);
  const other = await api.send("restorer", "POST", `${RESTORES}?source_snapshot_id=${WEEKLY}`, { headers });
  expect(other.json).toEqual(refusal("INVALID_PARAMETERS", /used before/));
});

test("the same key means something else in every environment", async () => {
  const headers = { "Idempotency-Key": "5e0a9b1c-04c9-4a1a-8f13-37b1c9b0c9a4" };
  const query = `restore-plans?source_snapshot_id=${NIGHTLY}`;
  const plans = await Promise.all(
    [PRODUCTION, ACCEPTANCE].map((id) => api.send("restorer", "POST", `${environmentPath(id)}/${query}`, { headers })),
  );
  expect(plans.map(({ json }) => json.target_environment_id)).toEqual([PRODUCTION, ACCEPTANCE]);
  expect(plans[0]?.json.plan_id).not.toBe(plans[1]?.json.plan_id);
});

test("a running target is refused with what to do", async () => {
  const path = `${environmentPath(PRODUCTION)}/restores?source_snapshot_id=${NIGHTLY}`;
  const { status, json } = await api.send("restorer", "POST", path);
  expect(status).toBe(400);
  expect(json).toEqual(refusal("ERROR_NOT_ALLOWED", /is running: stop it/));
  expect(api.fakes.workflows.started).toEqual([]);
  expect(auditOf(api)).toEqual([]);
});

test("so is one to which no app has been deployed yet", async () => {
  await api.fakes.catalog.updateEnvironment(ACCEPTANCE, { firstStartedAt: null });
  const { status, json } = await api.send("restorer", "POST", `${RESTORES}?source_snapshot_id=${NIGHTLY}`);
  expect(status).toBe(400);
  expect(json).toEqual(refusal("ERROR_NOT_ALLOWED", /No app has been deployed/));
});

test.each([
  ["no snapshot", "", 400, "INVALID_PARAMETERS", /"source_snapshot_id" is missing/],
  ["an unknown one", "source_snapshot_id=unknown", 400, "NOT_FOUND", /unknown/],
  ["an expired one", `source_snapshot_id=${EXPIRED}`, 400, "NOT_FOUND", /expired/],
  ["one that is being deleted", `source_snapshot_id=${DELETING}`, 400, "NOT_FOUND", /deleted/],
  ["a failed one", `source_snapshot_id=${FAILED}`, 400, "ERROR_NOT_ALLOWED", /failed/],
  ["perhaps", `source_snapshot_id=${NIGHTLY}&db_only=perhaps`, 400, "INVALID_PARAMETERS", /"db_only" says "perhaps"/],
  ["no codes", `source_snapshot_id=${NIGHTLY}&acknowledge=a%20b`, 400, "INVALID_PARAMETERS", /"acknowledge"/],
])("refuses %s", async (_, query, status, code, sentence) => {
  const answer = await api.send("restorer", "POST", `${RESTORES}?${query}`);
  expect(answer).toMatchObject({ status, json: refusal(code, sentence) });
  expect(api.fakes.workflows.started).toEqual([]);
});

test("a snapshot of another app is as unknown as any other, whoever asks", async () => {
  const path = `${environmentPath(OTHER, "bank")}/restore-plans?source_snapshot_id=${NIGHTLY}`;
  for (const person of ["banker", "admin"])
    expect(await api.send(person, "POST", path)).toMatchObject({ status: 400, json: refusal("NOT_FOUND") });
});
