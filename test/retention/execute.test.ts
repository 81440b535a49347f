/** How a plan is carried out: in stages, in batches, under the lease, and never past what stayed. */
import { RESERVE_MS, executePlan } from "../../lambda/retention/execute";
import type { Deletion, DeletionPlan } from "../../lambda/retention/plan";
import type { DeleteOptions, VersionToDelete } from "../../lambda/storage/object-store";
import { fakeCollaborators } from "../support/collaborators";

const LEASE = {
  environmentId: "orders",
  token: "t",
  executionArn: "e",
  purpose: "expiry",
  takenAt: "",
  taskArn: null,
} as const;
const deletion = (key: string, change: Partial<Deletion> = {}): Deletion => ({
  side: "primary",
  key,
  versionId: `v-${key}`,
  bytes: 10,
  reason: "r",
  after: [],
  ...change,
});
const planOf = (change: Partial<DeletionPlan>): DeletionPlan => ({
  manifests: [],
  data: [],
  records: [],
  left: [],
  ...change,
});

interface Batch {
  readonly bucket: string;
  readonly objects: readonly VersionToDelete[];
  readonly options: DeleteOptions | undefined;
}
const execute = async (
  plan: Partial<DeletionPlan>,
  {
    refuses = [],
    remaining = () => 900_000,
    holds = async () => true,
    bypassGovernance = false,
  }: {
    readonly refuses?: readonly string[];
    readonly remaining?: () => number;
    readonly holds?: () => Promise<boolean>;
    readonly bypassGovernance?: boolean;
  } = {},
) => {
  const world = fakeCollaborators();
  const batches: Batch[] = [];
  const side = (name: "primary" | "replica") => ({
    side: name,
    bucket: name,
    store: {
      deleteBatch: async (bucket: string, objects: readonly VersionToDelete[], options?: DeleteOptions) => {
        batches.push({ bucket, objects, options });
        const refused = objects
          .filter(({ key }) => refuses.includes(key))
          .map((one) => ({ ...one, code: "AccessDenied", message: "" }));
        return {
          refused: [
            ...refused,
            ...refuses.filter((key) => key === "foreign").map((key) => ({ key, code: "X", message: "" })),
          ],
        };
      },
    } as unknown as typeof world.store,
  });
  world.catalog.holdsLease = holds;
  const collaborators = { catalog: world.catalog, log: world.log, remainingMs: remaining };
  const execution = await executePlan(planOf(plan), [side("primary"), side("replica")], LEASE, collaborators, {
    bypassGovernance,
  });
  return { execution, batches, lines: world.log.lines };
};

test("manifests on both sides, then data, then records, each by its version", async () => {
  const both = (key: string) =>
    (["primary", "replica"] as const).map((side) => deletion(key, { side, versionId: `${key} of ${side}` }));
  const { execution, batches, lines } = await execute({
    records: both("record"),
    data: both("data"),
    manifests: both("manifest"),
  });
  expect(execution).toStrictEqual({ deleted: 6, bytes: 60, refused: [], finished: true });
  const expected = ["manifest", "data", "record"].flatMap((key) =>
    ["primary", "replica"].map((bucket) => ({
      bucket,
      objects: [{ key, versionId: `${key} of ${bucket}` }],
      options: {},
    })),
  );
  expect(batches).toStrictEqual(expected);
  expect(lines).toStrictEqual([]);
});

test("a thousand at once, and no empty batch", async () => {
  const many = Array.from({ length: 2_000 }, (_, number) => deletion(`k${number}`));
  const { batches } = await execute({ data: many });
  expect(batches.map(({ objects }) => objects.length)).toStrictEqual([1000, 1000]);
  expect(batches.flatMap(({ objects }) => objects.map(({ key }) => key))).toStrictEqual(many.map(({ key }) => key));
});

test("governance is bypassed on a user's wish alone", async () => {
  const wished = await execute({ data: [deletion("k")] }, { bypassGovernance: true });
  expect(wished.batches[0]?.options).toStrictEqual({ bypassGovernance: true });
});

test("a snapshot of which anything stayed keeps what comes later, and no other does", async () => {
  const { execution, batches } = await execute(
    {
      manifests: [deletion("manifest one", { after: ["one"] }), deletion("manifest two", { after: ["two"] })],
      data: [
        deletion("shared", { after: ["two", "one"] }),
        deletion("two's", { after: ["two"], bytes: 3 }),
        deletion("leftover"),
      ],
    },
    { refuses: ["manifest one"] },
  );
  expect(batches.map(({ objects }) => objects.map(({ key }) => key))).toStrictEqual([
    ["manifest one", "manifest two"],
    ["two's", "leftover"],
  ]);
  expect(execution).toMatchObject({ deleted: 3, bytes: 23, finished: true });
  expect(execution.refused).toStrictEqual([{ ...deletion("manifest one", { after: ["one"] }), code: "AccessDenied" }]);
});

test("what a server refuses that was not asked for is nobody's", async () => {
  const { execution } = await execute({ data: [deletion("k")] }, { refuses: ["foreign"] });
  expect(execution).toStrictEqual({ deleted: 1, bytes: 10, refused: [], finished: true });
});

test.each([1, 21])("of %d refusals twenty are named in the log", async (count) => {
  const data = Array.from({ length: count }, (_, number) => deletion(`k${number}`));
  const { lines } = await execute({ data }, { refuses: data.map(({ key }) => key) });
  const examples = data
    .slice(0, 20)
    .map(({ side, key, versionId }) => ({ side, key, versionId, code: "AccessDenied" }));
  expect(lines).toMatchObject([{ level: "warn", details: { environmentId: "orders", count, examples } }]);
});

test("another batch is begun with half a minute left, and not with less", async () => {
  expect(RESERVE_MS).toBe(30_000);
  const two = { manifests: [deletion("a")], data: [deletion("b")] };
  const times = [RESERVE_MS, RESERVE_MS - 1];
  const { execution, batches } = await execute(two, { remaining: () => times.shift() ?? 0 });
  expect(batches).toHaveLength(1);
  expect(execution).toStrictEqual({ deleted: 1, bytes: 10, refused: [], finished: false });
});

test("nothing more is deleted once the lease is another's", async () => {
  const answers = [true, false];
  const lost = execute(
    { manifests: [deletion("a")], data: [deletion("b")] },
    { holds: async () => answers.shift() ?? false },
  );
  await expect(lost).rejects.toMatchObject({ code: "LeaseLost", retryable: true });
});
