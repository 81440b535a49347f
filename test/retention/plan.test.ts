/** Each rule of what is deleted, left and kept, by itself: from evidence and a judgement made by hand. */
import { RESTORE_DAYS } from "../../lambda/restore/request";
import type { Side } from "../../lambda/retention/inventory";
import type { Ending, Judgement } from "../../lambda/retention/living";
import { planExpiry, planUserDeletion } from "../../lambda/retention/plan";
import {
  databaseKey,
  drillsRecordKey,
  manifestKey,
  outcomeRecordKey,
  packKey,
  probeRecordKey,
  registrationRecordKey,
  restoreOutcomeRecordKey,
  restorePutKey,
  snapshotRecordKey,
} from "../../lambda/storage/object-keys";
import { attempt, EARLIER, evidenceOf, item, manifest, NOW, PLACE, version } from "./evidence-of";

const DAY = 86_400_000;
const ended: Ending = { reason: `expired on ${EARLIER}`, expiredAt: EARLIER };
const judgement = (change: Partial<Judgement> & { readonly needed?: readonly string[] } = {}): Judgement => ({
  living: new Map(),
  ending: new Map(),
  isNeeded: (side: Side, key: string) => side === "primary" && (change.needed ?? []).includes(key),
  disagreements: [],
  ...change,
});
type EvidenceChange = NonNullable<Parameters<typeof evidenceOf>[0]>;
const planned = (evidence: EvidenceChange, judged: Parameters<typeof judgement>[0] = {}) => {
  const { manifests, data, records, left } = planExpiry(evidenceOf(evidence), judgement(judged), NOW);
  const brief = (list: typeof data) => list.map(({ key, reason, after }) => ({ key, reason, after }));
  return { manifests: brief(manifests), data: brief(data), records: brief(records), left };
};
const NOTHING = { manifests: [], data: [], records: [], left: [] };
const MANIFEST = manifestKey(PLACE, "one");
const DUMP = databaseKey(PLACE, "one", "attempt-1");
const PACK = packKey(PLACE, "p");
/** By the millisecond. */
const ago = (milliseconds: number): Date => new Date(NOW.getTime() - milliseconds);
const ending = new Map([["one", ended]]);

it("names side, version and size of what goes, in its stage", () => {
  const found = version(MANIFEST, { side: "replica", versionId: "v-9", size: 99 });
  const { manifests } = planExpiry(evidenceOf({ inventory: [found] }), judgement({ ending }), NOW);
  expect(manifests).toStrictEqual([
    {
      side: "replica",
      key: MANIFEST,
      versionId: "v-9",
      bytes: 99,
      reason: `snapshot one expired on ${EARLIER}`,
      after: ["one"],
    },
  ]);
});

describe("what a living snapshot needs", () => {
  it("is kept, whatever it is", () =>
    expect(
      planned(
        { inventory: [MANIFEST, DUMP, PACK].map((key) => version(key)) },
        { needed: [MANIFEST, DUMP, PACK], ending },
      ),
    ).toStrictEqual(NOTHING));
  it("is needed on its own side only", () =>
    expect(
      planned({ inventory: [version(MANIFEST, { side: "replica" })] }, { needed: [MANIFEST], ending }).manifests,
    ).toHaveLength(1));
  it("is shown again where a delete marker hides it", () =>
    expect(planned({ inventory: [version(PACK, { isDeleteMarker: true })] }, { needed: [PACK] }).data).toStrictEqual([
      { key: PACK, reason: "a delete marker that hides an object of a living snapshot", after: [] },
    ]));
});

describe("an ended snapshot", () => {
  const because = { reason: `snapshot one expired on ${EARLIER}`, after: ["one"] };
  it("its manifest goes first, then its dump, then its records", () => {
    const keys = [MANIFEST, DUMP, snapshotRecordKey(PLACE, "one"), outcomeRecordKey(PLACE, "one")];
    const lastModified = ago(0);
    expect(planned({ inventory: keys.map((key) => version(key, { lastModified })) }, { ending })).toStrictEqual({
      manifests: [{ key: MANIFEST, ...because }],
      data: [{ key: DUMP, ...because }],
      records: keys.slice(2).map((key) => ({ key, ...because })),
      left: [],
    });
  });
  it("its packs go after it, with every snapshot that named them", () => {
    const inventory = [version(PACK, { lastModified: ago(0) })];
    const manifests = [
      manifest("one", { packs: [PACK] }),
      manifest("two", { packs: [PACK] }),
      manifest("living", { packs: [PACK] }),
      manifest("damaged", {}, { facts: null, problem: "is not JSON" }),
    ];
    const both = new Map([
      ...ending,
      ["two", { reason: "deleted by a user", expiredAt: null }],
      ["damaged", ended],
    ] as const);
    expect(planned({ inventory, manifests }, { ending: both }).data).toStrictEqual([
      {
        key: PACK,
        reason: `needed only by snapshot one expired on ${EARLIER} and snapshot two deleted by a user`,
        after: ["one", "two"],
      },
    ]);
  });
  it("that a user deleted keeps its records, for the audit", () => {
    const key = snapshotRecordKey(PLACE, "one");
    const change = { inventory: [version(key, { lastModified: ago(500 * DAY) })], deletedByUser: new Set(["one"]) };
    expect(planned(change, { ending })).toStrictEqual(NOTHING);
  });
});

describe("what no manifest names", () => {
  it.each([
    ["a manifest", MANIFEST, "belongs to no snapshot"],
    ["an attempt's dump", DUMP, "left behind by attempt attempt-1"],
    ["a pack", PACK, "named by no manifest"],
    ["a restore's record", restorePutKey(PLACE, "r-1", 0), "left behind by restore r-1"],
  ])("%s goes once its two days are over, and not a moment before", (_, key, reason) => {
    const at = (milliseconds: number) => planned({ inventory: [version(key, { lastModified: ago(milliseconds) })] });
    expect(at(2 * DAY).data).toStrictEqual([{ key, reason, after: [] }]);
    expect(at(2 * DAY - 1)).toStrictEqual({
      ...NOTHING,
      left: [{ side: "primary", key, reason, until: new Date(NOW.getTime() + 1) }],
    });
  });
  it("an attempt's dump stays while the attempt runs", () => {
    const inventory = [version(DUMP)];
    expect(planned({ inventory, runningAttempts: [attempt("attempt-1", "one"), attempt("b", "two")] })).toStrictEqual(
      NOTHING,
    );
    expect(planned({ inventory, runningAttempts: [attempt("b", "one")] }).data).toHaveLength(1);
  });
  it("a pack stays while an attempt runs that may have written it", () => {
    const inventory = [version(PACK, { lastModified: new Date("2026-12-10T12:00:00Z") })];
    const since = (startedAt: string) => [attempt("x", "x"), attempt("a", "one", { startedAt })];
    expect(planned({ inventory, runningAttempts: since("2026-12-10T12:00:00Z") })).toStrictEqual(NOTHING);
    expect(planned({ inventory, runningAttempts: since("2026-12-10T12:00:01Z") }).data).toHaveLength(1);
  });
  it("a restore's record stays while the restore runs", () => {
    const inventory = [version(restorePutKey(PLACE, "r-1", 0))];
    expect(planned({ inventory, runningRestores: new Set(["r-1"]) })).toStrictEqual(NOTHING);
    expect(planned({ inventory, runningRestores: new Set(["r-2"]) }).data).toHaveLength(1);
  });
});

describe("records", () => {
  const hidden = (key: string) => version(key, { isDeleteMarker: true });
  it("of the environment stay, and are shown again", () => {
    const keys = [registrationRecordKey(PLACE), probeRecordKey(PLACE), drillsRecordKey(PLACE)];
    expect(planned({ inventory: keys.map((key) => version(key)) })).toStrictEqual(NOTHING);
    expect(planned({ inventory: keys.map(hidden) }).data).toStrictEqual(
      keys.map((key) => ({ key, reason: "a delete marker that hides a record of the environment", after: [] })),
    );
  });
  const RECORD = snapshotRecordKey(PLACE, "one");
  it.each<[string, EvidenceChange, Parameters<typeof judgement>[0]]>([
    ["that the catalog lists", { snapshots: [item("one")] }, {}],
    ["that lives", {}, { living: new Map([["one", "kept"]]) }],
    ["that a user deleted", { deletedByUser: new Set(["one"]) }, {}],
  ])("of a snapshot %s stay for ever, and are shown again", (_, evidence, judged) => {
    const old = { lastModified: ago(500 * DAY) };
    expect(planned({ ...evidence, inventory: [version(RECORD, old)] }, judged)).toStrictEqual(NOTHING);
    expect(planned({ ...evidence, inventory: [hidden(RECORD)] }, judged).data).toStrictEqual([
      { key: RECORD, reason: "a delete marker that hides a snapshot's record", after: [] },
    ]);
  });
  it("of a snapshot that nobody knows go after 400 days", () => {
    const at = (milliseconds: number) => planned({ inventory: [version(RECORD, { lastModified: ago(milliseconds) })] });
    expect(at(400 * DAY).records).toStrictEqual([{ key: RECORD, reason: "audit older than 400 days", after: [] }]);
    expect(at(400 * DAY - 1)).toStrictEqual(NOTHING);
    const others = { snapshots: [item("other")], inventory: [version(RECORD, { lastModified: ago(400 * DAY) })] };
    expect(planned(others).records).toHaveLength(1);
  });
  it("of what became of a restore stay as long as it is listed, and a day", () => {
    const key = restoreOutcomeRecordKey(PLACE, "r-1");
    const at = (milliseconds: number, isDeleteMarker = false) =>
      planned({ inventory: [version(key, { isDeleteMarker, lastModified: ago(milliseconds) })] });
    expect(at((RESTORE_DAYS + 1) * DAY).records).toStrictEqual([
      { key, reason: "a restore that ended long ago", after: [] },
    ]);
    expect(at((RESTORE_DAYS + 1) * DAY - 1)).toStrictEqual(NOTHING);
    expect(at(DAY, true).data).toStrictEqual([
      { key, reason: "a delete marker that hides what became of a restore", after: [] },
    ]);
  });
});

it("what is not ours is never deleted", () => {
  const key = `${registrationRecordKey(PLACE)}.other`;
  expect(version(key).what).toStrictEqual({ kind: "unknown" });
  expect(planned({ inventory: [version(key), version(key, { isDeleteMarker: true })] })).toStrictEqual(NOTHING);
});

describe("a user's wish", () => {
  const keys = [
    MANIFEST,
    DUMP,
    PACK,
    packKey(PLACE, "q"),
    snapshotRecordKey(PLACE, "one"),
    manifestKey(PLACE, "two"),
    databaseKey(PLACE, "two", "a"),
  ];
  const inventory = keys.map((key) => version(key, { lastModified: NOW }));
  const wished = (change: Parameters<typeof judgement>[0], packs = [PACK]) => {
    const plan = planUserDeletion(evidenceOf({ inventory }), judgement(change), "one", new Set(packs));
    return {
      manifests: plan.manifests.map(({ key }) => key),
      data: plan.data.map(({ key }) => key),
      rest: [...plan.records, ...plan.left],
    };
  };
  it("takes the snapshot's manifest, dump and packs, and nothing else", () =>
    expect(wished({})).toStrictEqual({ manifests: [MANIFEST], data: [DUMP, PACK], rest: [] }));
  it("takes packs alone for packs, whatever a record calls so", () =>
    expect(wished({}, keys).data).toStrictEqual([DUMP, PACK, packKey(PLACE, "q")]));
  it("leaves what a living snapshot needs", () => {
    expect(wished({ needed: [PACK] })).toStrictEqual({ manifests: [MANIFEST], data: [DUMP], rest: [] });
    expect(wished({ needed: [MANIFEST, DUMP, PACK] })).toStrictEqual({ manifests: [], data: [], rest: [] });
  });
  it("gives the reason, and the snapshot to wait for", () => {
    const evidence = evidenceOf({ inventory });
    const why = (change: Parameters<typeof judgement>[0]) =>
      planUserDeletion(evidence, judgement(change), "one", new Set()).manifests.map(({ reason, after }) => ({
        reason,
        after,
      }));
    expect(why({})).toStrictEqual([{ reason: "deleted by a user", after: ["one"] }]);
    expect(why({ ending })).toStrictEqual([{ reason: `expired on ${EARLIER}`, after: ["one"] }]);
  });
});
