import type { FileComparison, TargetPreflight } from "../../lambda/catalog/items";
import { Gate, mapInOrder } from "../../lambda/restore/concurrency";
import { unacknowledged } from "../../lambda/restore/acknowledgement";
import { judge, type PlanFacts } from "../../lambda/restore/plan-rules";
import { GAP_BYTES, RUN_BYTES, segmentRuns } from "../../lambda/restore/segment-runs";
import type { IndexEntry } from "../../lambda/snapshot/file-index";
import { fakeCollaborators } from "../support/collaborators";
import { preflight } from "./restore-fixture";
import { environment, sealSnapshot, TARGET } from "./snapshot-fixture";

const comparison: FileComparison = {
  part: 0,
  after: null,
  absent: 0,
  absentBytes: 0,
  present: 0,
  conflicts: 0,
  tooLong: 0,
  done: true,
};
const facts = async (): Promise<PlanFacts> => ({
  manifest: await sealSnapshot(fakeCollaborators(), { files: new Map() }),
  target: environment(TARGET),
  preflight,
  comparison,
  damage: [],
  recovery: { region: "eu-central-1" },
});

const looked = (change: Partial<TargetPreflight>): Partial<PlanFacts> => ({ preflight: { ...preflight, ...change } });

describe("the plan's rules", () => {
  let good: PlanFacts;
  beforeAll(async () => {
    good = await facts();
  });
  const database = (change: Partial<PlanFacts["manifest"]["database"]>): Partial<PlanFacts> => ({
    manifest: { ...good.manifest, database: { ...good.manifest.database, ...change } },
  });
  const target = (change: Partial<PlanFacts["target"]>): Partial<PlanFacts> => ({
    target: { ...good.target, ...change },
  });

  test("find nothing wrong with a good target", () => {
    expect(judge(good)).toEqual({ refusals: [], warnings: [] });
  });

  test.each<[string, () => Partial<PlanFacts>]>([
    ["TargetOfOtherApp", () => ({ manifest: { ...good.manifest, appId: "blog" } })],
    ["TargetInOtherRegion", () => ({ manifest: { ...good.manifest, region: "us-east-1" } })],
    ["TargetRunning", () => target({ running: true })],
    ["SessionsPresent", () => looked({ sessions: 1 })],
    ["NotEnoughSpace", () => looked({ freeBytes: 10_399_999 })],
    ["RolesMissing", () => database({ policyRoles: ["shop", "auditor"] })],
    ["ServerOlder", () => looked({ serverMajor: 14, toolMajor: 15 })],
    ["ToolsOlder", () => looked({ toolMajor: 14 })],
    ["ToolsNewer", () => looked({ toolMajor: 18 })],
    ["CannotCreateDatabase", () => looked({ canCreateDatabase: false })],
    ["NotMemberOfOwner", () => looked({ memberOfOwner: false })],
    ["ExtensionsUnavailable", () => database({ extensions: [{ name: "postgis", version: "3" }] })],
    ["FileKeyTooLong", () => ({ comparison: { ...comparison, tooLong: 1 } })],
    ["SnapshotDamaged", () => ({ damage: ["The pack is gone."] })],
  ])("refuse: %s", (code, change) => {
    const { refusals } = judge({ ...good, ...change() });
    expect(refusals.map((finding) => finding.code)).toEqual([code]);
    expect(refusals[0]?.message).toMatch(/^[A-Z0-9].*\.$/);
  });

  test.each<[string, () => Partial<PlanFacts>]>([
    [
      "ExtensionsBeyondDefault",
      () => ({
        ...database({ extensions: [{ name: "hstore", version: "1" }] }),
        ...looked({ availableExtensions: ["hstore"] }),
      }),
    ],
    ["ModelVersionOlder", () => ({ manifest: { ...good.manifest, modelVersion: "1.2.2" } })],
    [
      "ModelVersionOlder",
      () => ({ ...target({ modelVersion: "10.0" }), manifest: { ...good.manifest, modelVersion: "9.24.1" } }),
    ],
    ["ModelVersionNewer", () => ({ manifest: { ...good.manifest, modelVersion: "1.2.10" } })],
    [
      "FilesMissing",
      () => ({ manifest: { ...good.manifest, files: { ...good.manifest.files, missing: { count: 1, keys: ["a"] } } } }),
    ],
    ["FilesFromListing", () => ({ manifest: { ...good.manifest, consistency: "listing" } })],
    ["EncodingDiffers", () => looked({ encoding: "LATIN1" })],
    ["DatabaseNotExamined", () => ({ preflight: null })],
  ])("warn: %s", (code, change) => {
    const { refusals, warnings } = judge({ ...good, ...change() });
    expect(refusals).toEqual([]);
    expect(warnings.map((finding) => finding.code)).toEqual([code]);
    expect(unacknowledged(warnings, [code])).toEqual([]);
    expect(unacknowledged(warnings, ["Other"])).toEqual(warnings);
  });

  test("are content with what is just enough", () => {
    const enough = { ...looked({ freeBytes: 10_400_000 }), ...database({ policyRoles: ["shop", "PUBLIC"] }) };
    expect(judge({ ...good, ...enough }).refusals).toEqual([]);
    expect(judge({ ...good, ...looked({ serverMajor: 16, toolMajor: 16 }) }).refusals).toEqual([]);
  });

  test("leave files out of a database-only restore", () => {
    const manifest = { ...good.manifest, consistency: "listing" as const };
    expect(judge({ ...good, manifest, comparison: null })).toEqual({ refusals: [], warnings: [] });
  });
});

const entry = (pack: string, offset: number, length: number, size = length): IndexEntry => ({
  key: `${pack}-${offset}`,
  size,
  etag: "",
  sha256: "",
  pack,
  offset,
  length,
  crc32: 0,
  rawLength: size + 512,
});
const shape = (entries: readonly IndexEntry[]): [string, number, number, number][] =>
  segmentRuns(entries).map(({ pack, first, last, entries: inRun }) => [pack, first, last, inRun.length]);

describe("segment runs", () => {
  test("join neighbours of a pack, over small gaps", () => {
    expect(
      shape([entry("a", 10, 90), entry("b", 10, 5), entry("a", 100, 50), entry("a", 150 + GAP_BYTES, 10)]),
    ).toEqual([
      ["a", 10, 159 + GAP_BYTES, 3],
      ["b", 10, 14, 1],
    ]);
    expect(shape([entry("a", 10, 90), entry("a", 101 + GAP_BYTES, 10)])).toHaveLength(2);
  });
  test("are no longer than the limit", () => {
    expect(shape([entry("a", 0, RUN_BYTES - 1), entry("a", RUN_BYTES - 1, 1), entry("a", RUN_BYTES, 1)])).toEqual([
      ["a", 0, RUN_BYTES - 1, 2],
      ["a", RUN_BYTES, RUN_BYTES, 1],
    ]);
  });
  test("leave large files alone, also those that are large only once decompressed", () => {
    const large = entry("a", 100, 1000, 17 * 1024 * 1024);
    expect(shape([entry("a", 0, 100), large, entry("a", 1100, 10)])).toHaveLength(3);
  });
});

async function* numbers() {
  for (let n = 0; n < 20; n++) yield n;
}

describe("bounded concurrency", () => {
  test("keeps the order and the limit", async () => {
    let running = 0;
    let most = 0;
    const results: number[] = [];
    for await (const n of mapInOrder(numbers(), 4, async (number) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, (number * 7) % 5));
      running--;
      return number;
    }))
      results.push(n);
    expect(results).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(most).toBe(4);
  });
  test("the gate keeps its limits, admits what is too large alone, and tells the first failure", async () => {
    const gate = new Gate({ count: 3, bytes: 100 });
    let running = 0;
    let bytes = 0;
    let most = 0;
    let mostBytes = 0;
    const work = (size: number) => async (): Promise<void> => {
      most = Math.max(most, ++running);
      mostBytes = Math.max(mostBytes, (bytes += size));
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      bytes -= size;
    };
    for (const size of [10, 10, 10, 10, 60, 60, 500, 1]) await gate.start(size, work(size));
    await gate.drain();
    expect(running).toBe(0);
    expect(most).toBe(3);
    expect(mostBytes).toBe(500);
    await gate.start(1, () => Promise.reject(new Error("first")));
    await gate.settle();
    await expect(gate.start(1, work(1))).rejects.toThrow("first");
    await expect(gate.drain()).rejects.toThrow("first");
  });
});
