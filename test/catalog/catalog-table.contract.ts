/** What every CatalogTable must do. Run on the table in memory and on DynamoDB's client against a server. */
import { ConditionFailed, type CatalogTable, type Item, type Write } from "../../lambda/catalog/catalog-table";

export interface TableUnderTest {
  readonly table: CatalogTable;
  /** Requests that reached the server so far. */
  requests(): number;
}

/** Refused, and not because of a condition. */
const refused = async (write: Promise<void>): Promise<void> => {
  const error: unknown = await write.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeDefined();
  expect(error).not.toBeInstanceOf(ConditionFailed);
};

export const catalogTableContract = (name: string, start: () => Promise<TableUnderTest>): void => {
  describe(`${name} as a catalog table`, () => {
    let under: TableUnderTest;
    let table: CatalogTable;
    let pk: string;
    let counter = 0;
    const item = (sk: string, rest: Record<string, unknown> = {}): Item => ({ pk, sk, ...rest });

    beforeAll(async () => {
      under = await start();
      table = under.table;
    });
    beforeEach(() => {
      pk = `P#${++counter}`;
    });

    test("gives back what was put: nested values, nulls, empty strings and lists; what is undefined is absent", async () => {
      const stored = item("a", {
        text: "",
        number: 1.5,
        big: 9_007_199_254_740_991,
        flag: false,
        nothing: null,
        list: [],
        nested: { a: [{ b: null }, "ä"] },
      });
      await table.put({ ...stored, missing: undefined, nested: { a: [{ b: null }, "ä"], c: undefined } });
      expect(await table.get({ pk, sk: "a" })).toEqual(stored);
      expect(Object.keys((await table.get({ pk, sk: "a" })) ?? {})).not.toContain("missing");
      expect(await table.get({ pk, sk: "absent" })).toBeUndefined();
    });
    test("put replaces the whole item", async () => {
      await table.put(item("a", { one: 1 }));
      await table.put(item("a", { two: 2 }));
      expect(await table.get({ pk, sk: "a" })).toEqual(item("a", { two: 2 }));
    });
    test("update sets and removes attributes of a standing item only", async () => {
      await expect(table.update({ pk, sk: "a" }, { set: { one: 1 } })).rejects.toBeInstanceOf(ConditionFailed);
      expect(await table.get({ pk, sk: "a" })).toBeUndefined();
      await table.put(item("a", { one: 1, two: 2, name: "reserved word" }));
      await table.update(
        { pk, sk: "a" },
        { set: { one: { deep: true }, three: null, four: undefined, state: "x" }, remove: ["two", "never"] },
      );
      expect(await table.get({ pk, sk: "a" })).toEqual(
        item("a", { one: { deep: true }, three: null, name: "reserved word", state: "x" }),
      );
      await table.update({ pk, sk: "a" }, {});
      await table.update({ pk, sk: "b" }, { set: { made: true } }, { absent: true });
      expect(await table.get({ pk, sk: "b" })).toEqual(item("b", { made: true }));
    });
    test("delete; what is absent is no error", async () => {
      await table.put(item("a"));
      await table.delete({ pk, sk: "a" });
      await table.delete({ pk, sk: "a" });
      expect(await table.get({ pk, sk: "a" })).toBeUndefined();
    });
    test.each<[string, object | undefined, Record<string, unknown> | undefined, boolean]>([
      ["absent holds on none", { absent: true }, undefined, true],
      ["absent fails on one", { absent: true }, {}, false],
      ["exists fails on none", { exists: true }, undefined, false],
      ["exists holds on one", { exists: true }, {}, true],
      ["equal", { equals: { token: "t", number: 1, flag: true } }, { token: "t", number: 1, flag: true }, true],
      ["one part unequal", { equals: { token: "t", number: 2 } }, { token: "t", number: 1 }, false],
      ["equal fails on none", { equals: { token: "t" } }, undefined, false],
      ["null stands for absent", { equals: { token: null } }, {}, true],
      ["null stands for null", { equals: { token: null } }, { token: null }, true],
      ["null is no value", { equals: { token: null } }, { token: "t" }, false],
      ["null holds on none", { equals: { token: null } }, undefined, true],
      ["one of", { oneOf: { state: ["queued", "running"] } }, { state: "running" }, true],
      ["none of", { oneOf: { state: ["queued", "running"] } }, { state: "failed" }, false],
      ["one of nothing", { oneOf: { state: [] } }, { state: "failed" }, false],
      ["one of, on none", { oneOf: { state: ["queued"] } }, undefined, false],
      ["no condition", undefined, undefined, true],
    ])("condition: %s", async (_name, condition, standing, holds) => {
      const key = { pk, sk: "a" };
      const writes: [string, () => Promise<void>][] = [
        ["put", () => table.put(item("a", { written: "put" }), condition)],
        ["delete", () => table.delete(key, condition)],
        [
          "transact put",
          () =>
            table.transact([
              { kind: "put", item: item("a", { written: "put" }), ...(condition === undefined ? {} : { condition }) },
            ]),
        ],
        [
          "transact delete",
          () => table.transact([{ kind: "delete", key, ...(condition === undefined ? {} : { condition }) }]),
        ],
        ...(condition === undefined
          ? []
          : ([
              ["update", () => table.update(key, { set: { written: "update" } }, condition)],
              [
                "check",
                () =>
                  table.transact([
                    { kind: "check", key, condition },
                    { kind: "put", item: item("beside") },
                  ]),
              ],
            ] satisfies [string, () => Promise<void>][])),
      ];
      for (const [write, run] of writes) {
        await table.delete(key);
        if (standing !== undefined) await table.put(item("a", standing));
        const outcome = await run().then(
          () => true,
          (error: unknown) => (error instanceof ConditionFailed ? false : Promise.reject(error as Error)),
        );
        expect([write, outcome]).toEqual([write, holds]);
        if (!holds) expect(await table.get(key)).toEqual(standing === undefined ? undefined : item("a", standing));
      }
    });
    test("query: in order of sk, by prefix, from the end, in pages", async () => {
      for (const sk of ["S#3", "S#1", "T#1", "S#2"]) await table.put(item(sk));
      await table.put({ pk: `${pk}x`, sk: "S#9" });
      const found = async (options: Parameters<CatalogTable["query"]>[1]): Promise<string[]> =>
        (await table.query(pk, options)).items.map((one) => one.sk);
      expect(await found({})).toEqual(["S#1", "S#2", "S#3", "T#1"]);
      expect(await found({ skPrefix: "S#" })).toEqual(["S#1", "S#2", "S#3"]);
      expect(await found({ skPrefix: "S#", descending: true, limit: 2 })).toEqual(["S#3", "S#2"]);
      const first = await table.query(pk, { skPrefix: "S#", limit: 2 });
      expect(first.cursor).toBeDefined();
      // The cursor's own item may go between the pages.
      await table.delete({ pk, sk: "S#2" });
      const second = await table.query(pk, {
        skPrefix: "S#",
        limit: 2,
        ...(first.cursor === undefined ? {} : { cursor: first.cursor }),
      });
      expect(second.items.map((one) => one.sk)).toEqual(["S#3"]);
      expect(second.cursor).toBeUndefined();
    });
    test("query by type: in order of sortKey up to a bound, in pages, following changes", async () => {
      const type = `TYPE${counter}`;
      for (const [sk, sortKey] of [
        ["c", "2026-03"],
        ["a", "2026-01"],
        ["b", "2026-02"],
        ["d", "2026-02"],
      ] as const) {
        await table.put(item(sk, { type, sortKey, value: sk }));
      }
      await table.put(item("other", { type: `${type}x`, sortKey: "2026-01" }));
      await table.put(item("untyped", { sortKey: "2026-01" }));
      const all: Item[] = [];
      let cursor: string | undefined;
      do {
        const page = await table.queryType(type, {
          upTo: "2026-02",
          limit: 1,
          ...(cursor === undefined ? {} : { cursor }),
        });
        expect(page.items.length).toBeLessThanOrEqual(1);
        all.push(...page.items);
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(all.map((one) => one.sk).toSorted()).toEqual(["a", "b", "d"]);
      expect(all[0]).toEqual(item("a", { type, sortKey: "2026-01", value: "a" }));
      await table.update({ pk, sk: "a" }, { set: { sortKey: "2026-09" } });
      expect((await table.queryType(type)).items.at(-1)?.sk).toBe("a");
    });
    test("a transaction is all or nothing", async () => {
      await table.put(item("lease", { token: "t" }));
      await table.put(item("count", { n: 1 }));
      const writes = (token: string): Write[] => [
        { kind: "check", key: { pk, sk: "lease" }, condition: { equals: { token } } },
        { kind: "put", item: item("new", { made: true }) },
        { kind: "update", key: { pk, sk: "count" }, change: { set: { n: 2 } } },
      ];
      await expect(table.transact(writes("other"))).rejects.toBeInstanceOf(ConditionFailed);
      expect(await table.get({ pk, sk: "new" })).toBeUndefined();
      await table.transact(writes("t"));
      expect(await table.get({ pk, sk: "new" })).toEqual(item("new", { made: true }));
      expect(await table.get({ pk, sk: "count" })).toEqual(item("count", { n: 2 }));
      await expect(
        table.transact([{ kind: "update", key: { pk, sk: "absent" }, change: { set: { n: 2 } } }]),
      ).rejects.toBeInstanceOf(ConditionFailed);
    });
    test("what DynamoDB refuses is refused, and is no failed condition", async () => {
      await refused(table.put(item("a", { text: "x".repeat(410_000) })));
      await refused(table.put(item("a", { type: "T", sortKey: "" })));
      await refused(
        table.transact([
          { kind: "put", item: item("a") },
          { kind: "delete", key: { pk, sk: "a" } },
        ]),
      );
      expect(await table.get({ pk, sk: "a" })).toBeUndefined();
    });
    test("each method makes exactly one request", async () => {
      const steps: Record<string, () => Promise<unknown>> = {
        put: () => table.put(item("a", { n: 1 })),
        get: () => table.get({ pk, sk: "a" }),
        update: () => table.update({ pk, sk: "a" }, { set: { n: 2 } }),
        query: () => table.query(pk),
        queryType: () => table.queryType("NONE"),
        transact: () => table.transact([{ kind: "put", item: item("b") }]),
        delete: () => table.delete({ pk, sk: "a" }),
      };
      const made: Record<string, number> = {};
      for (const [step, run] of Object.entries(steps)) {
        const before = under.requests();
        await run();
        made[step] = under.requests() - before;
      }
      expect(made).toEqual(Object.fromEntries(Object.keys(steps).map((step) => [step, 1])));
    });
  });
};
