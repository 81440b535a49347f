/** The table of the published documentation, row by row, each in a world of its own. */
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../../support/collaborators";
import { startApi, type ApiUnderTest } from "../api-client";
import { ARCHIVE_ROWS } from "./archive-rows";
import { BODY_ROWS } from "./body-rows";
import { COMMON_ROWS } from "./common-rows";
import { RESTORE_ROWS } from "./restore-rows";
import type { Fields, FieldType, Row } from "./row";
import { SNAPSHOT_ROWS } from "./snapshot-rows";
import { TEXT_ROWS } from "./text-rows";

const TYPES: Readonly<Record<FieldType, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  "string?": (value) => value === null || typeof value === "string",
  time: (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
  "time?": (value) => value === null || TYPES.time(value),
  long: (value) => Number.isSafeInteger(value),
  state: (value) => ["queued", "running", "failed", "completed"].includes(String(value)),
  list: (value) => Array.isArray(value),
};
/** Fields that are missing, or of another type. */
const wrong = (fields: Fields, answer: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(fields).flatMap(([name, type]) => (TYPES[type](answer[name]) ? [] : [`${name}: no ${type}`]));

/** All that a request could change: the catalog, every bucket, what was started, whom something was told. */
const everything = ({ fakes }: ApiUnderTest): unknown => ({
  catalog: fakes.table.all(),
  buckets: [
    ...[PRIMARY_BUCKET, fakes.settings.TRANSFER_BUCKET].map((bucket) => fakes.store.versions(bucket)),
    fakes.replicaStore.versions(REPLICA_BUCKET),
  ].map((versions) => versions.map(({ key, versionId }) => [key, versionId])),
  started: [...fakes.workflows.started],
  told: [...fakes.notifier.told],
});

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const TABLES: readonly (readonly [string, readonly Row[]])[] = [
  ["every call", COMMON_ROWS],
  ["snapshots", SNAPSHOT_ROWS],
  ["archives", ARCHIVE_ROWS],
  ["restores", RESTORE_ROWS],
  ["texts", TEXT_ROWS],
  ["bodies and keys", BODY_ROWS],
];
describe.each(TABLES)("%s", (_, rows) => {
  test.each(rows.map((row) => [row.name, row] as const))("%s", async (_name, row) => {
    const { as = "owner", method, path, options, before, right } = row;
    const id = (await before?.(api)) ?? "";
    const stood = structuredClone(everything(api));
    const { status, json } = await api.send(as, method, path.replace("{id}", id), options);
    expect({ status, errorCode: json?.errorCode }).toEqual({ status: right.status, errorCode: right.errorCode });
    if (right.errorCode !== undefined) {
      expect(json).toEqual({
        errorCode: right.errorCode,
        errorMessage: expect.stringMatching(right.message ?? /^\S.*\.$/s),
      });
      expect(everything(api)).toEqual(stood);
    }
    expect(wrong(right.fields ?? {}, json)).toEqual([]);
    if (right.values !== undefined) expect(json).toMatchObject(right.values);
    if (right.entries === undefined) return;
    const entries: Record<string, unknown>[] = json[right.entries.of];
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.flatMap((entry) => wrong(right.entries?.fields ?? {}, entry))).toEqual([]);
  });
});

test("names no row twice", () => {
  const names = TABLES.flatMap(([table, rows]) => rows.map(({ name }) => `${table}: ${name}`));
  expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
});
