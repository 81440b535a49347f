/** Each rule of what lives and what ends, by itself. */
import { judge } from "../../lambda/retention/living";
import { attempt, EARLIER, evidenceOf, item, LATER, manifest, NOW } from "./evidence-of";

const judged = (change: Parameters<typeof evidenceOf>[0]) => {
  const { living, ending, disagreements } = judge(evidenceOf(change), NOW);
  return { living: [...living], ending: [...ending], disagreements };
};
const NOTHING = { living: [], ending: [], disagreements: [] };
const LONG_AGO = "2026-12-01T00:00:00Z";
const one = { snapshots: [item("one")], manifests: [manifest("one")] };

describe("which replicas a living snapshot needs", () => {
  const needs = (replicationRegion: string | null) => {
    const { isNeeded } = judge(
      evidenceOf({ ...one, manifests: [manifest("one", { replicationRegion, keys: ["a", "b"] })] }),
      NOW,
    );
    return (["primary", "replica", "replica-eu-south-1"] as const).filter(
      (side) => isNeeded(side, "a") && isNeeded(side, "b") && !isNeeded(side, "c"),
    );
  };
  it.each([
    ["today's", "eu-west-1", ["primary", "replica"]],
    ["a former one", "eu-south-1", ["primary", "replica-eu-south-1"]],
    // It says nothing about which of ours holds them: then every replica is needed.
    ["none of ours", "us-east-1", ["primary", "replica", "replica-eu-south-1"]],
    ["none at all", null, ["primary", "replica", "replica-eu-south-1"]],
  ])("its manifest names %s", (_, region, sides) => expect(needs(region)).toStrictEqual(sides));

  it("each of several snapshots needs its own, and an ending one nothing", () => {
    const snapshots = [item("one"), item("two"), item("old", { expiresAt: EARLIER })];
    const manifests = [
      manifest("one", { keys: ["shared", "one's"] }),
      manifest("two", { keys: ["shared", "two's"], replicationRegion: "eu-south-1" }),
      manifest("old", { keys: ["old's"], expiresAt: EARLIER }),
    ];
    const { isNeeded } = judge(evidenceOf({ snapshots, manifests }), NOW);
    const needed = (["primary", "replica", "replica-eu-south-1"] as const).map((side) =>
      ["shared", "one's", "two's", "old's"].filter((key) => isNeeded(side, key)),
    );
    expect(needed).toStrictEqual([
      ["shared", "one's", "two's"],
      ["shared", "one's"],
      ["shared", "two's"],
    ]);
  });
});

describe("a snapshot with its manifest", () => {
  it("lives until the later of its two dates", () => {
    expect(judged(one)).toStrictEqual({ ...NOTHING, living: [["one", `kept until ${LATER}`]] });
    const longer = { ...one, snapshots: [item("one", { expiresAt: "2027-01-01T00:00:00Z" })] };
    expect(judged(longer).living).toStrictEqual([["one", "kept until 2027-01-01T00:00:00Z"]]);
  });
  it("ends at the second of the later one, and not one before", () => {
    const at = NOW.toISOString();
    const both = { snapshots: [item("one", { expiresAt: at })], manifests: [manifest("one", { expiresAt: EARLIER })] };
    expect(judged(both)).toStrictEqual({
      ...NOTHING,
      ending: [["one", { reason: `expired on ${at}`, expiredAt: at }]],
    });
    const { ending } = judge(evidenceOf(both), new Date(NOW.getTime() - 1));
    expect([...ending]).toStrictEqual([]);
  });
  it("that an administrator keeps lives as long as its record says", () => {
    const change = {
      snapshots: [item("one", { expiresAt: "2027-01-05T00:00:00Z" })],
      manifests: [manifest("one", { expiresAt: LONG_AGO })],
      keptUntil: new Map([["one", "2027-01-05T00:00:00Z"]]),
    };
    expect(judged(change).living).toStrictEqual([["one", "kept until 2027-01-05T00:00:00Z"]]);
    expect(judged({ ...change, snapshots: [] }).disagreements).toStrictEqual([
      expect.stringContaining("is valid until 2027-01-05T00:00:00Z, but the catalog does not know it"),
    ]);
  });
  it("that the catalog calls expired alone is a disagreement", () => {
    const { disagreements, ...rest } = judged({ ...one, snapshots: [item("one", { expiresAt: EARLIER })] });
    expect(rest).toStrictEqual({ living: [], ending: [] });
    expect(disagreements).toStrictEqual([expect.stringContaining(`expired on ${EARLIER}, its manifest says ${LATER}`)]);
  });
  it("that the catalog does not know ends when it has expired, or when its record tells of a user's wish", () => {
    expect(judged({ manifests: [manifest("one", { expiresAt: EARLIER })] }).ending).toStrictEqual([
      ["one", { reason: `expired on ${EARLIER}`, expiredAt: EARLIER }],
    ]);
    expect(judged({ manifests: [manifest("one")], deletedByUser: new Set(["one"]) }).ending).toStrictEqual([
      ["one", { reason: "deleted by a user", expiredAt: null }],
    ]);
    expect(judged({ manifests: [manifest("one")], deletedByUser: new Set(["two"]) }).disagreements).toStrictEqual([
      expect.stringContaining("the catalog does not know it"),
    ]);
  });
  it("that is being deleted ends, whatever its state", () => {
    const snapshots = [item("one", { deleting: true, state: "failed", withheld: true })];
    expect(judged({ ...one, snapshots }).ending).toStrictEqual([
      ["one", { reason: "deleted by a user", expiredAt: null }],
    ]);
  });
  it("that is withheld lives, though called failed", () => {
    const snapshots = [item("one", { withheld: true, state: "failed" })];
    expect(judged({ ...one, snapshots }).living).toStrictEqual([["one", `not offered, and kept until ${LATER}`]]);
    const offered = [item("one", { withheld: false, state: "failed" })];
    expect(judged({ ...one, snapshots: offered }).disagreements).toStrictEqual([
      expect.stringContaining("lists it as failed, but its manifest stands"),
    ]);
  });
  it.each([
    ["primary", ["primary"], null, undefined],
    ["primary, though said to be replicated", ["primary"], LONG_AGO, "its manifest is missing in the replica bucket"],
    ["a replica only", ["replica"], LONG_AGO, "is missing in the primary bucket and stands in the replica bucket only"],
    ["a former replica", ["primary", "replica-eu-south-1"], LONG_AGO, undefined],
  ] as const)("standing at the %s", (_, sides, replicatedAt, wrong) => {
    const found = judged({ snapshots: [item("one", { replicatedAt })], manifests: [manifest("one", {}, { sides })] });
    if (wrong === undefined)
      expect(found).toMatchObject({ living: [["one", `kept until ${LATER}`]], disagreements: [] });
    else expect(found).toStrictEqual({ ...NOTHING, disagreements: [expect.stringContaining(wrong)] });
  });
  it.each([
    [["primary", "replica"], "primary"],
    [["replica"], "replica"],
  ] as const)("that can't be read, standing at %j, is a disagreement in the %s bucket", (sides, where) => {
    const unread = manifest("one", {}, { facts: null, problem: "is not JSON", sides });
    for (const snapshots of [[item("one", { expiresAt: EARLIER })], [item("one", { deleting: true })], []])
      expect(judged({ snapshots, manifests: [unread] })).toStrictEqual({
        ...NOTHING,
        disagreements: [expect.stringContaining(`its manifest in the ${where} bucket is not JSON; compare it`)],
      });
  });
});

describe("a snapshot without a manifest", () => {
  it("is unfinished while its attempt runs, and ends after", () => {
    const snapshots = [item("one", { state: "running", expiresAt: EARLIER })];
    expect(judged({ snapshots, runningAttempts: [attempt("other", "two"), attempt("a", "one")] })).toStrictEqual(
      NOTHING,
    );
    expect(judged({ snapshots, runningAttempts: [attempt("other", "two")] }).ending).toStrictEqual([
      ["one", { reason: `expired on ${EARLIER}`, expiredAt: EARLIER }],
    ]);
  });
  it.each(["queued", "running", "failed"] as const)("that is %s and not over yet is left alone", (state) =>
    expect(judged({ snapshots: [item("one", { state })] })).toStrictEqual(NOTHING),
  );
  it("that a user deleted ends", () =>
    expect(judged({ snapshots: [item("one", { state: "failed", deleting: true })] }).ending).toStrictEqual([
      ["one", { reason: "deleted by a user", expiredAt: null }],
    ]));
  it("that is completed is a disagreement", () =>
    expect(judged({ snapshots: [item("one")] }).disagreements).toStrictEqual([
      expect.stringContaining("its manifest is in neither bucket"),
    ]));
  it("is held by nobody", () => {
    const pins = [{ environmentId: "e", snapshotId: "one", holder: "restore-7", executionArn: "r", since: EARLIER }];
    const snapshots = [item("one", { state: "failed", expiresAt: EARLIER })];
    expect(judged({ snapshots, pins }).living).toStrictEqual([]);
  });
});

describe("what still needs an ended snapshot", () => {
  const ended = {
    snapshots: [item("one", { expiresAt: EARLIER })],
    manifests: [manifest("one", { expiresAt: EARLIER })],
  };
  const pin = (snapshotId: string) => ({
    environmentId: "e",
    snapshotId,
    holder: `restore of ${snapshotId}`,
    executionArn: "r",
    since: EARLIER,
  });
  it.each([
    ["a pin", { pins: [pin("two"), pin("one")] }, "restore of one"],
    ["an attempt built upon it", { runningAttempts: [attempt("b", "new", { baseSnapshotId: "one" })] }, "attempt b"],
    ["an attempt of its own", { runningAttempts: [attempt("c", "one")] }, "attempt c"],
  ])("%s keeps it, with all its objects", (_, change, holder) => {
    expect(judged({ ...ended, ...change })).toStrictEqual({
      ...NOTHING,
      living: [["one", `expired on ${EARLIER}, but ${holder} still needs it`]],
    });
    expect(judge(evidenceOf({ ...ended, ...change }), NOW).isNeeded("replica", "keys of one")).toBe(true);
  });
  it("is said of what has ended alone: what lives keeps its reason, and a disagreement stays one", () => {
    const pins = [pin("one")];
    expect(judged({ ...one, pins }).living).toStrictEqual([["one", `kept until ${LATER}`]]);
    const { disagreements, ...rest } = judged({ ...one, snapshots: [item("one", { state: "failed" })], pins });
    expect(rest).toStrictEqual({ living: [], ending: [] });
    expect(disagreements).toHaveLength(1);
  });
  it("others' pins and attempts do not", () => {
    const others = { pins: [pin("two")], runningAttempts: [attempt("b", "new", { baseSnapshotId: "two" })] };
    expect(judged({ ...ended, ...others }).living).toStrictEqual([]);
  });
});

it("damaged records and objects of the other class are disagreements of the whole environment", () => {
  const { disagreements } = judged({ ...one, damagedRecords: ["This record is damaged."], strayClass: true });
  expect(disagreements).toStrictEqual([
    "This record is damaged.",
    expect.stringContaining("is registered as replicated, but objects of it stand under the other class"),
  ]);
});

it("snapshots are judged in order of their names", () => {
  const snapshots = ["c", "a", "b"].map((id) => item(id));
  expect(
    judged({ snapshots, manifests: ["b", "c", "a"].map((id) => manifest(id)) }).living.map(([id]) => id),
  ).toStrictEqual(["a", "b", "c"]);
});
