/** A deletion asked for through the API, and carried out by the deletion's own step. */
import { deleteSnapshot } from "../../lambda/deletion/delete-snapshot";
import type { DeletionInput } from "../../lambda/deletion/contract";
import type { BackupRequest } from "../../lambda/backup/contract";
import { playExecution, putFile } from "../backup/night";
import { ACCEPTANCE, PRODUCTION, SNAPSHOTS } from "../support/api-world";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import { environmentPath, startApi, type ApiUnderTest } from "./api-client";

const LIST = `${environmentPath(ACCEPTANCE)}/snapshots`;

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const objectsOf = (snapshotId: string): string[] =>
  [...api.fakes.store.versions(PRIMARY_BUCKET), ...api.fakes.replicaStore.versions(REPLICA_BUCKET)]
    .filter(({ key, isDeleteMarker }) => key.includes(`/${ACCEPTANCE}/`) && !isDeleteMarker)
    .map(({ key }) => key)
    .filter((key) => key.includes(snapshotId) || key.includes("/packs/"))
    .filter((key) => !key.includes("/records/"));

test("removes every object in both regions, and the snapshot stays gone", async () => {
  await putFile(api.fakes, "file-1", "contents");
  const { json } = await api.send("operator", "POST", LIST);
  const backup = must(api.fakes.workflows.started[0]);
  const { request } = backup.input as { request: BackupRequest };
  expect(await playExecution(api.fakes, request, { listed: ["file-1"] })).toMatchObject({ outcome: "sealed" });
  api.fakes.store.replicateTo(api.fakes.replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET);
  expect(objectsOf(json.snapshot_id).length).toBeGreaterThan(6);

  expect((await api.send("owner", "DELETE", `${LIST}/${json.snapshot_id}`)).status).toBe(204);
  expect((await api.send("owner", "GET", `${LIST}/${json.snapshot_id}`)).status).toBe(404);
  const input = must(api.fakes.workflows.started[1]).input as Omit<DeletionInput, "executionArn">;
  const output = await deleteSnapshot({ ...input, executionArn: "deletion-1" }, api.fakes);
  expect(output).toMatchObject({ outcome: "done", message: expect.stringMatching(/deleted by owner/) as unknown });
  expect(objectsOf(json.snapshot_id)).toEqual([]);
  expect((await api.send("owner", "GET", `${LIST}/${json.snapshot_id}`)).status).toBe(404);
});

test("answers as usual when the deletion was faster than the answer", async () => {
  const { snapshotId } = must(SNAPSHOTS[0]);
  const start = api.fakes.workflows.start.bind(api.fakes.workflows);
  api.fakes.workflows.start = async (...args) => {
    await api.fakes.catalog.deleteSnapshot(PRODUCTION, snapshotId);
    return start(...args);
  };
  const path = `${environmentPath(PRODUCTION)}/snapshots/${snapshotId}`;
  expect((await api.send("owner", "DELETE", path)).status).toBe(204);
  expect(await api.fakes.catalog.getSnapshot(PRODUCTION, snapshotId)).toBeUndefined();
});
