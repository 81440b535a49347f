/** Audit records: written one a change, listed the newest first. */
import { listAudit } from "../../lambda/audit/list-audit";
import { recordAudit } from "../../lambda/audit/record-audit";
import { kindOf } from "../../lambda/retention/object-kinds";
import { ServiceFailure } from "../../lambda/runtime/collaborators";
import { auditRecordKey, type EnvironmentPlace } from "../../lambda/storage/object-keys";
import { fakeCollaborators, type FakeCollaborators, PRIMARY_BUCKET } from "../support/collaborators";

const PLACE: EnvironmentPlace = { replication: "replicated", environmentId: "shop-production" };
const OTHER: EnvironmentPlace = { replication: "replicated", environmentId: "shop-production-2" };
const DAY_MS = 86_400_000;

let collaborators: FakeCollaborators;
const record = (action: string, place: EnvironmentPlace | null = PLACE, details: Record<string, unknown> = {}) =>
  recordAudit(collaborators, place, { action, by: "operator", details });
const actions = async (limit = 100, cursor?: string, place: EnvironmentPlace | null = PLACE) => {
  const page = await listAudit(collaborators, place, { limit, ...(cursor === undefined ? {} : { cursor }) });
  return { actions: page.records.map(({ action }) => action), cursor: page.cursor };
};
/** All pages. */
const walk = async (limit: number): Promise<string[]> => {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await actions(limit, cursor);
    found.push(...page.actions);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
};

beforeEach(() => {
  collaborators = fakeCollaborators({ now: new Date("2026-12-03T10:00:00.250Z") });
});

it("a record says who did what, when and where, and keeps no secret that it is handed", async () => {
  await record("snapshot.delete", PLACE, { snapshotId: "one", note: "password=hunter2", apiKey: "hunter2" });
  await record("key.create", null);
  const { records } = await listAudit(collaborators, PLACE, { limit: 10 });
  expect(records).toEqual([
    {
      format: 1,
      at: "2026-12-03T10:00:00.250Z",
      action: "snapshot.delete",
      by: "operator",
      environmentId: PLACE.environmentId,
      details: { snapshotId: "one", note: "password=[redacted]", apiKey: "[redacted]" },
    },
  ]);
  expect((await actions(10, undefined, null)).actions).toEqual(["key.create"]);
});

it("records of one millisecond are all kept, each by itself", async () => {
  for (const action of ["a", "b", "c"]) await record(action);
  expect((await walk(2)).toSorted()).toEqual(["a", "b", "c"]);
});

it("are listed the newest first, page by page, each environment's own", async () => {
  const written = ["one", "two", "three", "four", "five"];
  for (const action of written) {
    await record(action);
    await record("other's", OTHER);
    collaborators.clock.advance(3 * DAY_MS);
  }
  for (const limit of [1, 2, 4, 5, 100]) expect(await walk(limit)).toEqual(written.toReversed());
  expect((await actions(5)).cursor).toBeUndefined();
  expect(await actions(100, undefined, null)).toEqual({ actions: [], cursor: undefined });
});

it("of thousands, the newest cost few requests, and none is left out", async () => {
  const count = 2500;
  let last = collaborators.clock.now();
  for (let at = 0; at < count; at++) {
    last = collaborators.clock.now();
    await record(String(at));
    // Bursts, and a year of silence.
    collaborators.clock.advance(at === 1700 ? 400 * DAY_MS : at % 100 === 0 ? DAY_MS : (at % 7) + 1);
  }
  // At the very bound of the first stretch, which begins now.
  collaborators.clock.set(last);
  expect((await actions(1)).actions).toEqual(["2499"]);
  collaborators.clock.advance(30 * DAY_MS);
  const requests: string[] = [];
  collaborators.store.onRequest = (operation) => void requests.push(operation);
  expect((await actions(3)).actions).toEqual(["2499", "2498", "2497"]);
  expect(requests.filter((operation) => operation === "list").length).toBeLessThan(12);
  expect(requests.filter((operation) => operation === "get")).toHaveLength(3);
  expect(await walk(400)).toEqual(Array.from({ length: count }, (_, at) => String(count - 1 - at)));
});

it("one that can't be read hides no other, and one that is gone since is left out", async () => {
  await record("first");
  collaborators.clock.advance(1000);
  const body = Buffer.from("{");
  const key = auditRecordKey(PLACE, collaborators.clock.now().toISOString(), "00");
  await collaborators.store.put({ bucket: PRIMARY_BUCKET, key, body });
  const strange = `${key.slice(0, key.lastIndexOf("/"))}/notes.txt`;
  await collaborators.store.put({ bucket: PRIMARY_BUCKET, key: strange, body });
  expect((await actions()).actions).toEqual(["unreadable", "first"]);
  collaborators.store.onRequest = async (operation, ref) => {
    collaborators.store.onRequest = operation === "get" && ref.key === key ? undefined : collaborators.store.onRequest;
    if (operation === "get" && ref.key === key) await collaborators.store.deleteBatch(PRIMARY_BUCKET, [{ key }]);
  };
  expect((await actions()).actions).toEqual(["first"]);
});

it.each(["x", "2026-12-03", "../", "2026-12-03T10:00:00.250Z-zz"])("%j is no cursor", async (cursor) => {
  await expect(actions(1, cursor)).rejects.toThrow(ServiceFailure);
});

it("retention never takes them for leftovers", () => {
  expect(kindOf(PLACE, auditRecordKey(PLACE, "2026-12-03T10:00:00.250Z", "00"))).toEqual({ kind: "unknown" });
});
