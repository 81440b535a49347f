/** Every command that the API can do, over HTTP against the real API. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RestoreItem, RestorePlan } from "../../lambda/catalog/items";
import { ACCEPTANCE, OTHER, PRODUCTION } from "../support/api-world";
import { must } from "../support/must";
import { type ApiCommandLine, startApiCommandLine } from "./api-fixture";

const FIRST = "10000000-0000-8000-8000-000000000001";
const COMMENTED = "10000000-0000-8000-8000-000000000004";
const PLAN: RestorePlan = {
  at: "2026-12-05T12:00:00Z",
  refusals: [],
  warnings: [],
  filesToPut: 30,
  bytesToPut: 4096,
  filesPresent: 5,
  databaseBytesNeeded: 1024 ** 3,
  estimatedSeconds: 60,
};
const finding = (code: string, message: string) => ({ code, message });

let line: ApiCommandLine;
beforeEach(async () => {
  line = await startApiCommandLine();
});
afterEach(() => line.close());

/** Each wait brings the newest restore one step on. */
const restoreSteps = (...steps: Partial<RestoreItem>[]): void => {
  line.onSleep = async () => {
    const { catalog, clock } = line.world.fakes;
    const step = steps.shift();
    const { items } = await catalog.listRestores(ACCEPTANCE);
    const restoreId = items[0]?.restoreId ?? planIdOf();
    if (step !== undefined) await catalog.updateRestore(restoreId, { ...step, updatedAt: clock.now().toISOString() });
  };
};
const planIdOf = (): string => {
  const started = line.world.fakes.workflows.started.at(-1);
  return must((JSON.stringify(started?.input).match(/plan-[0-9a-f]{32}/) ?? [])[0]);
};

describe("looking", () => {
  it("me says who is asking", async () => {
    line.person = "operator";
    expect(await line.run("me")).toBe(0);
    expect(line.out).toEqual(["operator  shop:backup"]);
  });
  it("environments lists those of every app on which the caller has a role, or of one", async () => {
    expect(await line.run("environments")).toBe(0);
    expect(new Set(line.out.slice(1).map((text) => text.split(" ")[0]))).toEqual(
      new Set([OTHER, ACCEPTANCE, PRODUCTION]),
    );
    line.clear();
    expect(await line.run("environments", "--app", "bank", "--json")).toBe(0);
    expect(line.document()).toMatchObject({ environments: [{ environmentId: OTHER, projectId: "bank" }] });
  });
  it("show tells storage used and the database's status", async () => {
    expect(await line.run("show", PRODUCTION)).toBe(0);
    expect(line.out.join("\n")).toContain("available, PostgreSQL 15.8, db.t4g.medium, 107 GB allocated");
    expect(line.out).toContain("mode           Production");
    line.clear();
    expect(await line.run("show", PRODUCTION, "--json")).toBe(0);
    expect(line.document()).toMatchObject({
      environmentId: PRODUCTION,
      database: { status: { engineVersion: "15.8" } },
    });
  });
  it("regions shows the nightly table", async () => {
    expect(await line.run("regions")).toBe(0);
    expect(line.out.slice(0, 2)).toEqual([
      "NAME         REGION        WINDOW             REPLICATED TO  DEPLOYED",
      "Frankfurt    eu-central-1  00:00 UTC for 3 h  Dublin         this one",
    ]);
    expect(line.out[2]).toMatch(/ no$/);
  });
  it("calendar shows coming runs with their tiers and expiries, and the snapshots' ends", async () => {
    expect(await line.run("calendar", PRODUCTION, "--days", "3")).toBe(0);
    const [heading = "", first = ""] = line.out;
    expect(heading).toBe("COMING                TIER     KEPT UNTIL");
    // The window of 6 December, a Sunday and the first of its month, opens at midnight.
    expect(first).toMatch(/^2026-12-06T0[012]:\d\d:00Z {2}monthly {2}2027-12-06T/);
    expect(line.out.findIndex((text) => text.startsWith("ENDS"))).toBe(5);
    expect(line.out[6]).toMatch(/^2026-12-17T00:12:00Z {2}nightly +failed /);
    line.clear();
    expect(await line.run("calendar", PRODUCTION, "--json")).toBe(0);
    expect((line.document() as { runs: unknown[] }).runs.length).toBeGreaterThan(50);
    expect(await line.run("calendar", PRODUCTION, "--days", "0")).toBe(2);
  });
  it("finds the app by itself, and says when nobody has the environment", async () => {
    line.person = "operator";
    expect(await line.run("snapshots", OTHER)).toBe(1);
    expect(line.err).toEqual([
      `No app on which you have a role has an environment ${OTHER} at ${line.server.address}; check its name and region.`,
    ]);
    line.clear();
    expect(await line.run("snapshots", OTHER, "--app", "bank")).toBe(1);
    expect(line.err[0]).toContain(`App bank has no environment ${OTHER} here, or you have no role on it`);
  });
});

describe("snapshots", () => {
  it("are listed as the functions list them", async () => {
    expect(await line.run("snapshots", PRODUCTION, "--limit", "1")).toBe(0);
    expect(line.out).toEqual([
      "SNAPSHOT                              CREATED               TIER     STATE      DATABASE         FILES  REPLICATED            KEPT UNTIL            BY       NOTE",
      `${FIRST}  2026-12-05T00:12:00Z  nightly  completed   52.4 MB  5000, 1.1 GB  2026-12-05T00:20:00Z  2026-12-19T00:12:00Z  Nightly  Automatically created nightly snapshot`,
    ]);
  });
  it("are chosen by state, tier and text", async () => {
    const idsOf = async (...choice: string[]): Promise<string[]> => {
      line.clear();
      expect(await line.run("snapshots", PRODUCTION, "--json", ...choice)).toBe(0);
      return (line.document() as { snapshots: { snapshotId: string }[] }).snapshots.map(({ snapshotId }) =>
        snapshotId.slice(-1),
      );
    };
    expect(await idsOf()).toEqual(["1", "4", "5", "6", "2", "3"]);
    expect(await idsOf("--state", "failed")).toEqual(["6"]);
    expect(await idsOf("--tier", "weekly")).toEqual(["2"]);
    expect(await idsOf("--filter", "BEFORE the")).toEqual(["4"]);
    expect(await idsOf("--filter", "nightly", "--limit", "2")).toEqual(["1", "6"]);
    line.clear();
    expect(await line.run("snapshots", PRODUCTION, "--filter", "nowhere")).toBe(0);
    expect(line.out).toEqual([`None of the 6 snapshots of environment ${PRODUCTION} is like that.`]);
    expect(await line.run("snapshots", PRODUCTION, "--state", "lost")).toBe(2);
  });
  it("are shown with all details, and get another comment", async () => {
    expect(await line.run("comment", PRODUCTION, COMMENTED, "after the release")).toBe(0);
    expect(await line.run("snapshot", PRODUCTION, COMMENTED)).toBe(0);
    expect(line.out).toEqual([
      `The comment of snapshot ${COMMENTED} is changed.`,
      "status         completed",
      "type           operator (on-demand)",
      `snapshot id    ${COMMENTED}`,
      "created on     2026-12-04T15:00:00Z, finished 2026-12-04T15:04:00Z",
      "expires on     2027-03-04T15:00:00Z",
      "model version  1.4.0",
      "size           1126.2 MB uncompressed: database 52.4 MB, 5000 files 1.1 GB",
      "replicated     2026-12-05T00:20:00Z",
      "comment        after the release",
    ]);
    line.clear();
    expect(await line.run("snapshot", PRODUCTION, "none")).toBe(1);
    expect(line.err[0]).toContain("has no snapshot none");
  });
  it("are deleted with a yes, by who may", async () => {
    expect(await line.run("delete", PRODUCTION, FIRST)).toBe(2);
    expect(await line.run("delete", PRODUCTION, FIRST, "--yes")).toBe(0);
    expect(line.out).toEqual([`Snapshot ${FIRST} of environment ${PRODUCTION} is deleted.`]);
    expect(await line.run("snapshot", PRODUCTION, FIRST)).toBe(1);
  });
  it("are not deleted by who may not", async () => {
    line.person = "operator";
    expect(await line.run("delete", PRODUCTION, FIRST, "--yes")).toBe(1);
    expect(line.err[0]).toContain(`don't include "administer"`);
  });
});

describe("backup", () => {
  it("queues a snapshot in the name of who signed in", async () => {
    line.person = "operator";
    expect(await line.run("backup", PRODUCTION, "--comment", "before release 12", "--json")).toBe(0);
    const { snapshotId } = line.document() as { snapshotId: string };
    expect(await line.world.fakes.catalog.getSnapshot(PRODUCTION, snapshotId)).toMatchObject({
      createdBy: "operator",
      comment: "before release 12",
      state: "queued",
    });
  });
  it.each([
    ["completed", 0],
    ["failed", 1],
  ] as const)("waits until it is %s", async (state, code) => {
    line.onSleep = async () => {
      const { catalog } = line.world.fakes;
      const queued = must((await catalog.listSnapshots(PRODUCTION)).items.find((one) => one.state === "queued"));
      await catalog.updateSnapshot(PRODUCTION, queued.snapshotId, { state, statusMessage: "No room." });
    };
    expect(await line.run("backup", PRODUCTION, "--wait")).toBe(code);
    if (state === "completed")
      expect(line.out[1]).toMatch(/^Snapshot \S+ of environment shop-production is completed\.$/);
    else expect(line.err).toEqual([expect.stringMatching(/^Snapshot \S+ failed: No room\.$/)]);
  });
  it("does not wait for ever", async () => {
    expect(await line.run("backup", PRODUCTION, "--wait", "10")).toBe(1);
    expect(line.err).toEqual([
      expect.stringMatching(/^Snapshot \S+ has not ended within 10 seconds\.$/),
      `See how it goes with: backups snapshots ${PRODUCTION}`,
    ]);
  });
});

describe("restore and plan", () => {
  it("restores into the environment named, finding the source, and says what became of the files", async () => {
    restoreSteps(
      { state: "running", phase: "files", plan: PLAN },
      { files: { part: 0, after: null, batches: 1, put: 12, kept: 5, done: false } },
      { state: "completed", phase: "done", statusMessage: "The database was restored." },
    );
    line.person = "restorer";
    expect(await line.run("restore", FIRST, "--into", ACCEPTANCE, "--confirm", ACCEPTANCE)).toBe(0);
    expect(line.out.at(-2)).toContain(`into environment ${ACCEPTANCE} is completed. The database was restored.`);
    expect(line.out.at(-1)).toBe("Files: 12 put, 5 kept, 0 removed.");
    expect(line.bars).toEqual([
      {
        title: "Files",
        shown: [
          [0, 30],
          [12, 30],
        ],
        stopped: true,
      },
    ]);
    const restoreId = must(/restore-[0-9a-f]{32}/.exec(line.out[0] ?? "")?.[0]);
    line.clear();
    expect(await line.run("restore-status", restoreId)).toBe(0);
    expect(line.out[0]).toBe(`restore   ${restoreId} of snapshot ${FIRST} of environment ${PRODUCTION}`);
    line.clear();
    expect(await line.run("restores", ACCEPTANCE)).toBe(0);
    expect(line.out[0]).toMatch(/^RESTORE +ASKED +STATE +BY +SNAPSHOT +MESSAGE$/);
    expect(line.out.slice(1)).toEqual([expect.stringMatching(`^${restoreId} .* completed .* restorer `)]);
    expect(await line.run("restore-status", "restore-none")).toBe(1);
  });
  it("ends with exit code 3 when warnings wait, and sends those that are accepted", async () => {
    const plan = { ...PLAN, warnings: [finding("FilesMissing", "A file is missing.")] };
    restoreSteps({ state: "queued", phase: "acknowledgement", plan });
    const restore = ["restore", FIRST, "--to", ACCEPTANCE, "--confirm", ACCEPTANCE];
    expect(await line.run(...restore, "--acknowledge", "EncodingDiffers,InstanceSwap", "--json")).toBe(3);
    expect(line.document()).toMatchObject({
      acknowledged: ["EncodingDiffers", "InstanceSwap"],
      plan: { warnings: plan.warnings },
    });
    expect(line.bars).toEqual([]);
    expect(line.err[0]).toContain("--acknowledge EncodingDiffers InstanceSwap FilesMissing");
  });
  it("ends with exit code 3 when the target is running", async () => {
    expect(await line.run("restore", FIRST, "--into", PRODUCTION, "--confirm", PRODUCTION)).toBe(3);
    expect(line.err).toEqual([`The app of environment ${PRODUCTION} is running: stop it, then restore.`]);
  });
  it("plans, also into a running environment, and says how to restore", async () => {
    restoreSteps({ state: "running" }, { state: "completed", plan: PLAN });
    expect(await line.run("plan", FIRST, "--into", ACCEPTANCE, "--database-only")).toBe(0);
    expect(line.out).toEqual([
      `snapshot  ${FIRST} of environment ${PRODUCTION}`,
      `into      environment ${ACCEPTANCE}, the database only`,
      "database  1.1 GB needed, nobody knows how much is free",
      "takes     about 60 seconds",
      "Nothing stands against it.",
    ]);
    line.clear();
    restoreSteps({ state: "completed", plan: { ...PLAN, warnings: [finding("Older", "It is older.")] } });
    expect(await line.run("plan", FIRST, "--into", ACCEPTANCE)).toBe(3);
    expect(line.out.at(-1)).toBe("warning: It is older. [Older]");
    expect(line.err).toEqual([
      `Read the warnings, then: backups restore ${FIRST} --to ${ACCEPTANCE} --acknowledge Older`,
    ]);
    line.clear();
    restoreSteps({ state: "completed", plan: { ...PLAN, refusals: [finding("NoRoom", "There is no room.")] } });
    expect(await line.run("plan", FIRST, "--into", ACCEPTANCE, "--json")).toBe(3);
    expect(line.document()).toMatchObject({ plan: { refusals: [{ code: "NoRoom" }] } });
    expect(await line.run("plan", FIRST)).toBe(2);
  });
});

describe("registering", () => {
  const FILE = {
    environmentId: "shop-test",
    appId: "shop",
    region: "eu-central-1",
    database: { host: "db.example", name: "shop", secret: "shop-db" },
    network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
    files: { bucket: "shop-files" },
  };
  it("registers, notes what the app does, and probes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "backups-cli-"));
    try {
      writeFileSync(join(folder, "shop.json"), JSON.stringify(FILE));
      expect(await line.run("register", join(folder, "shop.json"), "--no-probe")).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(await line.run("started", "shop-test", "--model-version", "2.0.0")).toBe(0);
    expect(await line.run("stopped", "shop-test")).toBe(0);
    line.onSleep = async () => {
      const at = line.world.fakes.clock.now().toISOString();
      await line.world.fakes.catalog.updateEnvironment("shop-test", { probe: { at, findings: ["No bucket."] } });
    };
    expect(await line.run("probe", "shop-test")).toBe(1);
    expect(line.out).toEqual([
      "Environment shop-test is registered. Its snapshots are replicated to the replication region; this choice is final.",
      "Environment shop-test is noted as started.",
      "Environment shop-test is noted as stopped.",
      "No bucket.",
    ]);
    expect(await line.world.fakes.catalog.getEnvironment("shop-test")).toMatchObject({
      running: false,
      modelVersion: "2.0.0",
    });
  });
});

describe("keep", () => {
  it("asks for a later date, and waits until it is promised", async () => {
    line.person = "owner";
    line.onSleep = async () =>
      line.world.fakes.catalog.updateSnapshot(PRODUCTION, FIRST, { expiresAt: "2027-12-31T00:00:00Z" });
    expect(await line.run("keep", PRODUCTION, FIRST, "--until", "2027-12-31", "--wait")).toBe(0);
    expect(line.out).toEqual([
      `Snapshot ${FIRST} is being locked until 2027-12-31T00:00:00Z; until that is done it still expires on 2026-12-19T00:12:00.000Z.`,
      `Snapshot ${FIRST} is kept until 2027-12-31T00:00:00.000Z.`,
    ]);
    expect(line.world.fakes.workflows.started[0]?.input).toMatchObject({ snapshotId: FIRST, requestedBy: "owner" });
  });
  it("says what the API refuses, and what is no date", async () => {
    line.person = "owner";
    expect(await line.run("keep", PRODUCTION, FIRST, "--until", "2026-12-18")).toBe(1);
    expect(line.err.join(" ")).toContain("its locks can't be shortened");
    for (const text of ["tomorrow", "2027-02-30", "2027-13-01", "31.12.2027"])
      expect(await line.run("keep", PRODUCTION, FIRST, "--until", text)).toBe(2);
  });
  it("show and snapshot warn before the last one expires", async () => {
    line.world.fakes.clock.set("2026-12-18T00:00:00Z");
    for (const command of [
      ["show", PRODUCTION],
      ["snapshot", PRODUCTION, FIRST],
    ]) {
      line.clear();
      expect(await line.run(...command)).toBe(0);
      expect(line.out.join("\n")).toContain("warning        The last snapshot, of 2026-12-05T00:12:00Z, expires on");
    }
  });
});
