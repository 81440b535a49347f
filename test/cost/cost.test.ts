/** What is measured from manifests, what it costs, and that no price is without a source. */
import { runCommandLine } from "../../bin/command-line/run-command-line";
import { estimate, NIGHTS_A_MONTH } from "../../lambda/cost/estimate";
import { livingSnapshots } from "../../lambda/cost/living-snapshots";
import { measure } from "../../lambda/cost/measure";
import { GB, PRICES, storageCostPerMonth } from "../../lambda/cost/prices";
import list from "../../lambda/cost/prices.json";
import type { Manifest } from "../../lambda/snapshot/manifest";
import { fakeCollaborators } from "../support/collaborators";
import { golden } from "../support/golden";
import { must } from "../support/must";
import { NOTHING_ELSE } from "../cli/cli-fixture";
import { join } from "node:path";

const NOW = new Date("2026-11-27T12:00:00Z");
const TASK = { vcpu: 2, memoryGiB: 4, ephemeralStorageGiB: 50 };

interface Night {
  readonly day: number;
  readonly packs: readonly string[];
  readonly dump?: number;
  readonly region?: string;
  readonly replicated?: boolean;
}
const object = (key: string, size: number) => ({ key, versionId: "1", size, sha256: "0".repeat(64), crc32: 0 });
const night = ({ day, packs, dump = 2 * GB, region = "eu-central-1", replicated = true }: Night): Manifest => {
  const date = `2026-11-${String(day).padStart(2, "0")}`;
  return {
    format: 1,
    snapshotId: `s-${day}`,
    attemptId: "a",
    environmentId: "shop",
    appId: "shop",
    region,
    replication: replicated ? "replicated" : "single-region",
    replicationRegion: replicated ? "eu-west-1" : null,
    tier: "nightly",
    night: date,
    createdAt: `${date}T00:00:00Z`,
    completedAt: `${date}T00:30:00Z`,
    expiresAt: `2026-12-${String(day).padStart(2, "0")}T00:00:00Z`,
    createdBy: "Nightly",
    comment: "",
    modelVersion: "1",
    consistency: "reference-query",
    baseSnapshotId: null,
    database: {
      ...object(`shop/${day}/database.gz`, dump),
      dumpSize: dump * 4,
      dumpSha256: "0".repeat(64),
      dumpCrc32: 0,
      segment: { offset: 10, length: 1 },
      databaseSize: dump * 5,
      serverVersion: "15",
      dumpVersion: "15",
      encoding: "UTF8",
      collate: "C",
      ctype: "C",
      extensions: [],
      policyRoles: [],
    },
    files: {
      count: 1,
      bytes: 1,
      missing: { count: 0, keys: [] },
      index: [
        {
          ...object(`shop/${day}/files/0.gz`, 1024 ** 2),
          entries: 1,
          missing: 0,
          firstKey: "a",
          lastKey: "b",
          fileBytes: 1,
        },
      ],
      packs: packs.map((packId) => ({
        ...object(`shop/packs/${packId}`, GB / 2),
        packId,
        segments: 100,
        liveSegments: 90,
        liveBytes: 1,
        lockedUntil: "2026-12-01T00:00:00Z",
      })),
    },
    warnings: [],
  };
};
const NIGHTS = [
  night({ day: 24, packs: ["a", "b", "c"] }),
  night({ day: 25, packs: ["a", "b", "c", "d"] }),
  night({ day: 26, packs: ["b", "c", "d", "e"] }),
];

test("packs that snapshots share are counted once, and what has expired is not counted", () => {
  const expired = { ...night({ day: 1, packs: ["z"] }), expiresAt: "2026-11-15T00:00:00Z" };
  expect(
    measure(
      [NIGHTS[2], expired, NIGHTS[0], NIGHTS[1]].map((one) => must(one)),
      NOW,
    ),
  ).toEqual({
    environmentId: "shop",
    region: "eu-central-1",
    replicationRegion: "eu-west-1",
    snapshots: 3,
    storedBytes: 3 * (2 * GB + 1024 ** 2) + 5 * (GB / 2),
    ownBytes: 2 * GB + 1024 ** 2,
    packBytes: 4 * (GB / 2),
    night: {
      measured: 2,
      newBytes: 2 * GB + 1024 ** 2 + GB / 2,
      newPacks: 1,
      newFiles: 90,
      droppedPackBytes: GB / 4,
      carriedPacks: 3,
      indexParts: 1,
      seconds: 1800,
    },
    recoveryPoint: null,
  });
  expect(measure([expired], NOW)).toBeUndefined();
});

test("lines add up, and each is quantity times price", () => {
  const found = estimate(must(measure(NIGHTS, NOW)), TASK, NOW);
  expect(found.usd).toBeCloseTo(
    found.lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0),
    10,
  );
  const usd = Object.fromEntries(found.lines.map((line) => [line.item, line.usd]));
  const stored = 3 * (2 + 1 / 1024) + 2.5;
  const moved = (2.5 + 1 / 1024) * NIGHTS_A_MONTH;
  expect(usd["snapshots stored"]).toBeCloseTo(stored * 0.0245, 10);
  expect(usd["replicas stored"]).toBeCloseTo(stored * 0.023, 10);
  expect(usd["transfer to the replication region"]).toBeCloseTo(moved * 0.02, 10);
  expect(usd["Replication Time Control"]).toBeCloseTo(moved * 0.015, 10);
  expect(usd["database task: processors"]).toBeCloseTo((NIGHTS_A_MONTH / 2) * 2 * 0.04656, 10);
  expect(usd["database task: storage"]).toBeCloseTo((NIGHTS_A_MONTH / 2) * 30 * 0.000111, 10);
});

test("replication off costs no replica, no transfer and no time control", () => {
  const manifests = NIGHTS.map((one): Manifest => ({ ...one, replication: "single-region", replicationRegion: null }));
  const found = estimate(must(measure(manifests, NOW)), TASK, NOW);
  const replicated = estimate(must(measure(NIGHTS, NOW)), TASK, NOW);
  expect(found.lines.filter(({ item }) => /replica|transfer|Replication/.test(item))).toEqual([]);
  expect(found.usd).toBeLessThan(replicated.usd);
  expect(found.lines.every(({ region }) => region === "eu-central-1")).toBe(true);
});

test("recovery points are priced in both regions", () => {
  const measured = must(measure(NIGHTS, NOW));
  const found = estimate({ ...measured, recoveryPoint: { points: 3, bytes: 100 * GB } }, TASK, NOW);
  expect(
    found.lines.filter(({ item }) => item.includes("recovery points")).map(({ item, usd }) => [item, usd]),
  ).toEqual([
    ["recovery points", 9.5],
    ["copied recovery points", 9.5],
  ]);
});

test("what has no figure of its own is said, and nothing is made up", () => {
  const measured = must(measure(NIGHTS, NOW));
  const { warnings } = estimate({ ...measured, region: "ap-southeast-3", replicationRegion: null }, TASK, NOW);
  expect(warnings[0]).toMatch(
    /^The price list has no figure of ap-southeast-3 for .*s3StorageGbMonth.*: those of us-east-1 stand in\.$/,
  );
  expect(PRICES.priceOf("s3StorageGbMonth", "ap-southeast-3")).toMatchObject({ region: "us-east-1", usd: 0.023 });
  expect(estimate(measured, TASK, NOW).warnings.at(-1)).toMatch(
    /^Not read from AWS itself, as of 2026-11-26: .*s3StorageGbMonth/,
  );
  expect(estimate(measured, TASK, NOW).warnings.at(-1)).not.toMatch(/stepFunctionsThousand/);
});

test("every figure has a unit, a page of AWS's own and a source; the reference region has all", () => {
  for (const [name, { unit, page, regions }] of Object.entries(list.prices)) {
    expect([name, unit.length > 0, page]).toEqual([
      name,
      true,
      expect.stringMatching(/^https:\/\/aws\.amazon\.com\/.*pricing/),
    ]);
    expect([name, Object.keys(regions)]).toEqual([name, expect.arrayContaining([list.reference])]);
    for (const { usd, source } of Object.values(regions as Record<string, { usd: number; source: string }>)) {
      expect([name, usd > 0, Object.keys(list.sources)]).toEqual([name, true, expect.arrayContaining([source])]);
    }
  }
});

test("so many snapshots live at once", () => {
  expect(livingSnapshots(NOW)).toEqual({ nightly: 12, weekly: 10, monthly: 12 });
});

test("for a metric: what is stored, here and there", () => {
  expect(storageCostPerMonth(100 * GB, "eu-central-1", "eu-west-1")).toBeCloseTo(100 * (0.0245 + 0.023), 10);
  expect(storageCostPerMonth(100 * GB, "eu-central-1", null)).toBeCloseTo(2.45, 10);
});

describe("backups estimate", () => {
  const run = async (...args: readonly string[]) => {
    const { store, settings } = fakeCollaborators();
    for (const one of NIGHTS)
      await store.put({
        bucket: settings.PRIMARY_BUCKET,
        key: `replicated/shop/snapshots/${one.snapshotId}/manifest.json`,
        body: Buffer.from(JSON.stringify(one)),
      });
    const [out, err]: [string[], string[]] = [[], []];
    const code = await runCommandLine(args, {
      ...NOTHING_ELSE,
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      now: () => NOW,
      openStorage: () => Promise.resolve({ store, bucket: settings.PRIMARY_BUCKET, region: "eu-central-1" }),
    });
    return { code, out, err };
  };

  test("names every line, what was assumed and what is doubtful", async () => {
    const { code, out } = await run("estimate");
    expect(code).toBe(0);
    const text = `${out.join("\n")}\n`;
    expect(text).toBe(golden(join(__dirname, "golden", "estimate.txt"), text));
  });

  test("in JSON the same, and an environment without snapshots is an error", async () => {
    const { out } = await run("estimate", "shop", "--json");
    expect(JSON.parse(out.join("\n"))).toMatchObject({ currency: "USD", environments: [{ environmentId: "shop" }] });
    expect(await run("estimate", "shap")).toEqual({
      code: 1,
      out: [],
      err: [expect.stringMatching(/holds no living snapshot of shap; check the names and the region\.$/)],
    });
  });
});
