import { setTimeout as sleep } from "node:timers/promises";
import { besideName, lockKey } from "../../lambda/database-task/restore-names";
import { runVerb } from "../../lambda/database-task/verbs";
import { FILES_BUCKET } from "../support/collaborators";
import { type PostgresServer, startPostgres } from "../support/postgres";
import { breakAt } from "./broken-connections";
import {
  beginRestore,
  planRemoval,
  registerEnvironment,
  run,
  runFailing,
  scenario,
  type Scenario,
  sentence,
  takeSnapshot,
} from "./scenario";

let server: PostgresServer;
let on: Scenario;
let number = 0;
beforeAll(async () => {
  server = await startPostgres();
  await server.query("postgres", "CREATE ROLE plain LOGIN PASSWORD 'plain' CREATEDB");
  for (const name of ["source", "old_content"]) {
    await server.query("postgres", `CREATE DATABASE ${name}`);
    await server.query(
      name,
      `CREATE TABLE file (uuid text, hascontents boolean); CREATE TABLE who AS SELECT '${name}' AS me`,
    );
  }
  await server.query("old_content", "INSERT INTO file VALUES ('old-1', true), ('old-2', true)");
  on = scenario(server);
  await registerEnvironment(on, "source-env", "source");
  await takeSnapshot(on, "source-env");
});
afterAll(async () => server.stop());

interface Target {
  readonly name: string;
  readonly environmentId: string;
  readonly restoreId: string;
}
/** A target, live with the old content, with its files in the bucket. */
const newTarget = async (): Promise<Target> => {
  number += 1;
  const target = { name: `target_${number}`, environmentId: `target-${number}`, restoreId: `restore-${number}` };
  await server.query("postgres", `CREATE DATABASE ${target.name} TEMPLATE old_content`);
  await registerEnvironment(on, target.environmentId, target.name);
  await beginRestore(on, "source-env", target.environmentId, { restoreId: target.restoreId });
  for (const key of ["old-1", "old-2", "kept"])
    await on.store.put({ bucket: FILES_BUCKET, key: `${target.environmentId}/${key}`, body: Buffer.from(key) });
  return target;
};
const readyToSwap = async (): Promise<Target> => {
  const target = await newTarget();
  await run(on, "restore", target.restoreId);
  await planRemoval(on, target.restoreId, ["old-1", "old-2"]);
  return target;
};
/** The same, quickly: what `restore` leaves, without pg_restore. */
const standingToSwap = async (removed: readonly string[] = ["old-1", "old-2"]): Promise<Target> => {
  const target = await newTarget();
  const beside = besideName(target.name, target.restoreId);
  await server.query("postgres", `CREATE DATABASE ${beside} TEMPLATE source`);
  const oids = await server.query("postgres", "SELECT datname, oid FROM pg_database");
  const oidOf = (name: string): number => oids.find(({ datname }) => datname === name)?.["oid"] as number;
  const database = {
    oldOid: oidOf(target.name),
    newName: beside,
    newOid: oidOf(beside),
    restored: true,
    oldList: [],
    swappedAt: null,
    removed: 0,
    oldDropped: false,
  };
  await on.catalog.updateRestore(target.restoreId, { database });
  await planRemoval(on, target.restoreId, removed);
  return target;
};
const whoIs = async (name: string): Promise<string> =>
  (await server.query(name, "SELECT me FROM who"))[0]?.["me"] as string;
const databasesOf = async ({ name }: Target): Promise<string[]> =>
  (
    await server.query(
      "postgres",
      "SELECT datname FROM pg_database WHERE datname = $1 OR datname LIKE $1 || '\\_\\_%' ORDER BY 1",
      [name],
    )
  ).map(({ datname }) => datname as string);
const filesOf = async ({ environmentId }: Target): Promise<string[]> =>
  (await on.store.list(FILES_BUCKET, { prefix: `${environmentId}/` })).objects.map(
    ({ key }) => key.split("/")[1] ?? "",
  );
const progressOf = async ({ restoreId }: Target) => (await on.catalog.getRestore(restoreId))?.database;

const stateOf = async (target: Target) => ({
  live: await whoIs(target.name),
  databases: await databasesOf(target),
  files: await filesOf(target),
  removed: (await progressOf(target))?.removed,
  oldDropped: (await progressOf(target))?.oldDropped,
});
const restored = ({ name }: Target): Awaited<ReturnType<typeof stateOf>> => ({
  live: "source",
  databases: [name],
  files: ["kept"],
  removed: 2,
  oldDropped: true,
});
/** I3: the target is as it was or as it should become (files of the old database may still wait for removal), never between. */
const sideOf = async (target: Target): Promise<"old" | "new" | "between"> => {
  const files = (await filesOf(target)).join();
  if ((await whoIs(target.name)) === "source") return files.includes("kept") ? "new" : "between";
  return files === "kept,old-1,old-2" ? "old" : "between";
};

test("the swap succeeds against ten clients that come back at once", async () => {
  const target = await readyToSwap();
  const stop = new AbortController();
  const served = new Map<string, number>();
  const clients = Array.from({ length: 10 }, () => comeBackAtOnce(target.name, stop.signal, served));
  try {
    await sleep(200);
    await run(on, "swap", target.restoreId);
    await sleep(200);
  } finally {
    stop.abort();
    await Promise.all(clients);
  }
  expect([...served.keys()]).toEqual(["old_content", "source"]);
  expect(await stateOf(target)).toEqual(restored(target));
});
/** A client that asks without a pause which database it is in, and connects again whenever it is thrown out. */
const comeBackAtOnce = async (name: string, signal: AbortSignal, served: Map<string, number>): Promise<void> => {
  while (!signal.aborted) {
    try {
      const client = await server.connect(name);
      while (!signal.aborted) {
        const { rows } = await client.query<{ me: string }>("SELECT me FROM who");
        const me = rows[0]?.me ?? "";
        served.set(me, (served.get(me) ?? 0) + 1);
      }
      await client.end();
    } catch {
      await sleep(2);
    }
  }
};

test("a database that stays in use ends in one sentence, and nothing has changed", async () => {
  const target = await readyToSwap();
  await server.query("postgres", `ALTER DATABASE ${target.name} OWNER TO plain`);
  // An ordinary login can't end a superuser's session.
  const beside = (await progressOf(target))?.newName ?? "";
  await server.query("postgres", `ALTER DATABASE ${beside} OWNER TO plain`);
  on.secrets.set("superuser", { username: "plain", password: "plain" });
  on.context = { ...on.context, patience: { ...on.context.patience, busyTries: 1 } };
  const holder = await server.connect(target.name);
  await runFailing(on, "swap", target.restoreId);
  expect(await sentence(on, { restore: target.restoreId })).toMatch(
    /^SwapRefused: The database "target_\d+" is in use, so it can't be swapped\. The registered user can't end 1 session in "target_\d+", such as a superuser's/,
  );
  await holder.end();
  await run(on, "swap", target.restoreId);
  on.secrets.set("superuser", { username: server.user, password: server.password });
  on.context = { ...on.context, patience: { ...on.context.patience, busyTries: 20 } };
  expect(await stateOf(target)).toEqual(restored(target));
});

test("a twin is kept out while another task holds the target, and gets its turn afterwards", async () => {
  const target = await readyToSwap();
  const twin = await server.connect("postgres");
  await twin.query("SELECT pg_advisory_lock($1)", [lockKey(target.name)]);
  for (const verb of ["swap", "undo"]) {
    await runFailing(on, verb, target.restoreId);
    expect(await sentence(on, { restore: target.restoreId })).toMatch(/^TwinRunning: Another task .* "target_\d+"/);
  }
  expect(await sideOf(target)).toBe("old");
  await twin.end();
  await run(on, "swap", target.restoreId);
  expect(await stateOf(target)).toEqual(restored(target));
});

test("two swaps at once come to the same end", async () => {
  const target = await readyToSwap();
  on.context = { ...on.context, patience: { ...on.context.patience, lockTries: 300 } };
  await Promise.all([run(on, "swap", target.restoreId), run(on, "swap", target.restoreId)]);
  expect(await stateOf(target)).toEqual(restored(target));
});

test("nothing is removed or dropped when the live database is another one", async () => {
  const target = await readyToSwap();
  await server.query("postgres", `ALTER DATABASE ${target.name} RENAME TO moved_${number}`);
  await server.query("postgres", `CREATE DATABASE ${target.name} TEMPLATE old_content`);
  await runFailing(on, "swap", target.restoreId);
  expect(await sentence(on, { restore: target.restoreId })).toMatch(
    /^TargetReplaced: .* is another one since the restore began/,
  );
  expect(await sideOf(target)).toBe("old");
  expect(await databasesOf(target)).toHaveLength(2);
});

test("the swap waits for the plan of the removal", async () => {
  const target = await newTarget();
  await run(on, "restore", target.restoreId);
  await runFailing(on, "swap", target.restoreId);
  expect(await sentence(on, { restore: target.restoreId })).toMatch(/^RestoreUnfinished/);
  expect(await sideOf(target)).toBe("old");
});

test("files go in batches of a thousand, each only while the restored database is live", async () => {
  const target = await newTarget();
  await run(on, "restore", target.restoreId);
  const keys = Array.from({ length: 2500 }, (_, n) => `gone-${String(n).padStart(5, "0")}`);
  await planRemoval(on, target.restoreId, keys);
  let batches = 0;
  on.store.onReply = (operation) => {
    // The answer to the second batch is lost.
    if (operation === "deleteBatch" && ++batches === 2) throw new Error("lost");
  };
  await runFailing(on, "swap", target.restoreId);
  on.store.onReply = undefined;
  expect(await progressOf(target)).toMatchObject({ removed: 1000, oldDropped: false });
  on.store.resetRequests();
  await run(on, "swap", target.restoreId);
  expect(
    on.store.requests.filter(({ operation }) => operation === "deleteBatch").map(({ ref }) => ref.objects?.length),
  ).toEqual([1000, 500]);
  expect(await progressOf(target)).toMatchObject({ removed: 2500, oldDropped: true });
});

test("the removal stops as soon as the live database is another one", async () => {
  const target = await standingToSwap(Array.from({ length: 1500 }, (_, n) => `gone-${String(n).padStart(5, "0")}`));
  let batches = 0;
  on.store.onRequest = async (operation) => {
    if (operation !== "deleteBatch" || ++batches > 1) return;
    await server.query("postgres", `ALTER DATABASE ${target.name} RENAME TO elsewhere_${number}`);
    await server.query("postgres", `CREATE DATABASE ${target.name} TEMPLATE old_content`);
  };
  await runFailing(on, "swap", target.restoreId);
  on.store.onRequest = undefined;
  expect(batches).toBe(1);
  expect(await sentence(on, { restore: target.restoreId })).toMatch(/^TargetReplaced/);
  // The replaced database isn't dropped either.
  expect((await databasesOf(target)).length).toBe(2);
});

test("a swap that could not be recorded is found by undo, which leads forward", async () => {
  const target = await standingToSwap();
  on.table.onRequest = (operation, { pk }) => {
    if (operation === "update" && pk?.startsWith("RESTORE")) throw new Error("the catalog is away");
  };
  await runFailing(on, "swap", target.restoreId);
  on.table.onRequest = undefined;
  expect(await progressOf(target)).toMatchObject({ swappedAt: null });
  await run(on, "undo", target.restoreId);
  expect(await progressOf(target)).toMatchObject({ swappedAt: "2026-12-05T00:00:00Z", restored: true });
  await run(on, "swap", target.restoreId);
  expect(await stateOf(target)).toEqual(restored(target));
});

test("a lease that is lost between the first look and the commit stops the swap", async () => {
  const target = await standingToSwap();
  let lost = false;
  on.table.onRequest = async (operation, { sk }) => {
    if (lost || operation !== "get" || sk !== "LEASE") return;
    lost = true;
    await on.catalog.releaseLease(target.environmentId, `token-${target.restoreId}`);
  };
  await runFailing(on, "swap", target.restoreId);
  on.table.onRequest = undefined;
  expect(lost).toBe(true);
  expect(await sideOf(target)).toBe("old");
  expect((await on.catalog.getRestore(target.restoreId))?.failure).toBeNull();
});

/** One verb with its connection broken at the given statement; `reached` is false when it had fewer statements. */
const broken = async (verb: string, { restoreId }: Target, statement: number, when: "before" | "after") => {
  const breaking = breakAt(statement, when);
  const code = await runVerb(on.context, [verb, restoreId]);
  breaking.restore();
  return { code, reached: breaking.seen() >= statement };
};

describe("I3, I5: whichever statement the connection breaks at, the target is whole and the next run finishes", () => {
  test.each(["before", "after"] as const)(
    "swap, broken %s the statement, then run again",
    async (when) => {
      let last = 0;
      for (let statement = 1; ; statement++) {
        const target = await standingToSwap();
        const { reached } = await broken("swap", target, statement, when);
        expect(await sideOf(target)).not.toBe("between");
        await run(on, "swap", target.restoreId);
        expect(await stateOf(target)).toEqual(restored(target));
        last = statement;
        if (!reached) break;
      }
      expect(last).toBeGreaterThan(10);
    },
    180_000,
  );

  test.each(["before", "after"] as const)(
    "swap, broken %s the statement, then given up: undo",
    async (when) => {
      const ends = new Set<string>();
      for (let statement = 1; ; statement++) {
        const target = await standingToSwap();
        const { reached } = await broken("swap", target, statement, when);
        const side = await sideOf(target);
        await run(on, "undo", target.restoreId);
        expect(await sideOf(target)).toBe(side);
        const swapped = (await progressOf(target))?.swappedAt !== null;
        // Back: nothing is left beside. Forward: the workflow is told so.
        expect([side, swapped]).toEqual(side === "old" ? ["old", false] : ["new", true]);
        expect(side === "old" ? await databasesOf(target) : [target.name]).toEqual([target.name]);
        ends.add(side);
        if (!reached) break;
      }
      expect(ends).toContain("new");
    },
    180_000,
  );

  test.each(["before", "after"] as const)(
    "restore, broken %s the statement",
    async (when) => {
      const target = await newTarget();
      let statement = 1;
      let unanalyzed = 0;
      for (; ; statement++) {
        await on.catalog.updateRestore(target.restoreId, { database: null });
        const { code, reached } = await broken("restore", target, statement, when);
        expect(await sideOf(target)).toBe("old");
        if (!reached) break;
        const { restored: isRestored = false, analyzed } = (await progressOf(target)) ?? {};
        // Without its statistics a restored database is as good as with them.
        expect([code, isRestored]).toEqual(analyzed === false ? [0, true] : [1, false]);
        if (analyzed === false) unanalyzed++;
        if (statement % 4 !== 0) continue;
        await run(on, "undo", target.restoreId);
        expect(await databasesOf(target)).toEqual([target.name]);
      }
      expect(statement).toBeGreaterThan(10);
      expect(unanalyzed).toBeGreaterThan(0);
      expect(await progressOf(target)).toMatchObject({ restored: true, analyzed: true });
      await planRemoval(on, target.restoreId, ["old-1", "old-2"]);
      await run(on, "swap", target.restoreId);
      expect(await stateOf(target)).toEqual(restored(target));
    },
    180_000,
  );
});

describe("I3, I5: whichever request of the catalog or the store fails, the target is whole and the next run finishes", () => {
  test.each(["onRequest", "onReply"] as const)(
    "swap, %s",
    async (hook) => {
      let seen = 0;
      let request = 0;
      do {
        request++;
        seen = 0;
        const target = await standingToSwap();
        const fail = (): void => {
          if (++seen === request) throw new Error("killed here");
        };
        on.table[hook] = fail;
        on.store[hook] = fail;
        await runVerb(on.context, ["swap", target.restoreId]);
        on.table[hook] = undefined;
        on.store[hook] = undefined;
        expect(await sideOf(target)).not.toBe("between");
        await run(on, "swap", target.restoreId);
        expect(await stateOf(target)).toEqual(restored(target));
      } while (seen >= request);
      expect(request).toBeGreaterThan(10);
    },
    180_000,
  );
});
