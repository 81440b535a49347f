import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Catalog } from "../../lambda/catalog/catalog";
import { DynamoDbTable } from "../../lambda/catalog/dynamodb-table-client";
import { handleRequest } from "../../lambda/requests/handle-request";
import {
  backupAccepted,
  requestsRequest,
  restoreAnswered,
  snapshotsAnswered,
  type PublicSnapshot,
} from "../../lambda/requests/contract";
import type { RestoreItem } from "../../lambda/catalog/items";
import { CatalogUnavailable } from "../../lambda/catalog/catalog-table";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { createEnvironment, ENVIRONMENT, seal } from "../retention/sealed-environment";
import { crashAt } from "../retention/crash-at-each-request";

const TARGET = "orders-acceptance";
const REQUEST_ID = "3f0c2a51-7d1e-4a42-9c55-0b6a1f3e2d47";
const BACKUP = { action: "backup", environmentId: ENVIRONMENT, comment: "before release 12", createdBy: "operator" };
const RESTORE = {
  action: "restore",
  sourceEnvironmentId: ENVIRONMENT,
  snapshotId: "one",
  targetEnvironmentId: TARGET,
  databaseOnly: false,
  acknowledged: ["FilesMissing"],
  requestedBy: "operator",
};

let collaborators: FakeCollaborators;
const send = (event: unknown) => handleRequest(event, collaborators);
const fresh = async (): Promise<void> => {
  collaborators = fakeCollaborators({ now: new Date("2026-12-03T10:00:00Z"), tablePageLimit: 2 });
  const source = await createEnvironment(collaborators);
  await createEnvironment(collaborators, "replicated", TARGET);
  await seal(collaborators, source, "one");
};
const validationException = (): Error =>
  Object.assign(new Error("The provided starting key is outside query boundaries"), {
    name: "ValidationException",
    $metadata: { httpStatusCode: 400 },
  });
const refusal = (message: string) => ({ ok: false, message });
beforeEach(fresh);

test.each([
  ["a comment of half a pair", { ...BACKUP, comment: "\ud800" }, /^"comment" has half of a surrogate pair/],
  ["a name with U+0000", { ...BACKUP, createdBy: "a\u0000b" }, /^"createdBy" has the character U\+0000/],
  ["an id of half a pair", { ...RESTORE, snapshotId: "\udc00" }, /^"snapshotId" has half/],
  ["a misspelt code", { ...RESTORE, acknowledged: ["FilesMising"] }, /none has the code FilesMising\.$/],
  ["a refusal's code", { ...RESTORE, acknowledged: ["FilesMissing", "SessionsPresent"] }, /code SessionsPresent\.$/],
])("refuses %s, and nothing has changed", async (_, event, message) => {
  const before = collaborators.table.all();
  expect(await send(event)).toEqual({ ok: false, message: expect.stringMatching(message) });
  expect(collaborators.table.all()).toEqual(before);
  expect(collaborators.workflows.started).toEqual([]);
});

describe("a backup", () => {
  it("is queued in the user's name and started", async () => {
    const { snapshotId, message } = backupAccepted.parse(await send(BACKUP));
    expect(message).toBe(`A backup of environment ${ENVIRONMENT} is queued as snapshot ${snapshotId}.`);
    expect(await collaborators.catalog.getSnapshot(ENVIRONMENT, snapshotId)).toMatchObject({
      state: "queued",
      tier: "on-demand",
      comment: "before release 12",
      createdBy: "operator",
    });
    expect(collaborators.workflows.started).toMatchObject([
      {
        stateMachineArn: collaborators.settings.BACKUP_STATE_MACHINE_ARN,
        name: `${ENVIRONMENT}-${snapshotId}`,
        input: { request: { snapshotId, trigger: "on-demand", createdBy: "operator" } },
      },
    ]);
  });
  it("asked for twice is two, and with the same request id one", async () => {
    const ids = [];
    for (const requestId of [undefined, undefined, REQUEST_ID, REQUEST_ID.toUpperCase()])
      ids.push(backupAccepted.parse(await send({ ...BACKUP, requestId })).snapshotId);
    expect(new Set(ids).size).toBe(3);
    expect(ids[3]).toBe(ids[2]);
    expect(collaborators.workflows.started).toHaveLength(3);
  });
  it("of another environment is another one in spite of the same request id", async () => {
    const one = backupAccepted.parse(await send({ ...BACKUP, requestId: REQUEST_ID }));
    const other = backupAccepted.parse(await send({ ...BACKUP, requestId: REQUEST_ID, environmentId: TARGET }));
    expect(other.snapshotId).not.toBe(one.snapshotId);
  });
});

describe("a restore", () => {
  it("is queued in the user's name and started", async () => {
    const { restore, message } = restoreAnswered.parse(await send(RESTORE));
    expect(message).toBe(`Restore ${restore.restoreId} of snapshot one into environment ${TARGET} is queued.`);
    expect(restore).toMatchObject({
      snapshotId: "one",
      state: "queued",
      requestedBy: "operator",
      plan: null,
      files: { put: 0, replaced: 0, kept: 0, removed: 0, left: 0 },
    });
    expect(collaborators.workflows.started).toEqual([
      {
        stateMachineArn: collaborators.settings.RESTORE_STATE_MACHINE_ARN,
        name: restore.restoreId,
        input: { restoreId: restore.restoreId },
      },
    ]);
  });
  it("asked for again with the same request id is the same, and no other's", async () => {
    const first = restoreAnswered.parse(await send({ ...RESTORE, requestId: REQUEST_ID }));
    await collaborators.catalog.updateRestore(first.restore.restoreId, { state: "running", executionArn: "arn" });
    const second = restoreAnswered.parse(await send({ ...RESTORE, requestId: REQUEST_ID }));
    expect(second.restore).toMatchObject({ restoreId: first.restore.restoreId, state: "running" });
    expect(collaborators.workflows.started).toHaveLength(1);
    for (const other of [{ databaseOnly: true }, { acknowledged: [] }, { targetEnvironmentId: ENVIRONMENT }]) {
      expect(await send({ ...RESTORE, requestId: REQUEST_ID, ...other })).toEqual(
        refusal(
          `The request id ${REQUEST_ID} was used before, for restore ${first.restore.restoreId} of snapshot one into environment ${TARGET}; ask for another restore with a new request id.`,
        ),
      );
    }
  });
  it("of what is not offered is refused with a sentence, and leaves nothing behind", async () => {
    const before = collaborators.table.all();
    expect(await send({ ...RESTORE, snapshotId: "two" })).toEqual(
      refusal(`Snapshot two of environment ${ENVIRONMENT} does not exist: choose one from the environment's list.`),
    );
    expect(await send({ ...RESTORE, targetEnvironmentId: "none" })).toMatchObject({ ok: false });
    collaborators.clock.set("2026-12-17T10:00:00Z");
    expect(await send(RESTORE)).toEqual(
      refusal(`Snapshot one of environment ${ENVIRONMENT} expired at 2026-12-17T10:00:00Z: choose a later one.`),
    );
    expect(collaborators.table.all()).toEqual(before);
    expect(collaborators.workflows.started).toEqual([]);
  });
});

describe.each([
  ["a backup", BACKUP, 1],
  // The restore, and its entry in the list of its target's restores.
  ["a restore", RESTORE, 2],
])("%s that dies on the way is made good by the same request", (_, wish, items) => {
  it.each(["before", "after"] as const)("%s each request", async (moment) => {
    const asked = { ...wish, requestId: REQUEST_ID };
    for (let at = 1; ; at++) {
      await fresh();
      const standing = collaborators.table.all().length;
      const crashed = await crashAt(collaborators, at, moment, () => send(asked));
      expect(await send(asked)).toMatchObject({ ok: true });
      expect(collaborators.table.all()).toHaveLength(standing + items);
      expect(collaborators.workflows.started).toHaveLength(1);
      if (!crashed) break;
      expect(at).toBeLessThan(10);
    }
  });
});

describe("restore-status", () => {
  it("shows the public part, and nothing of leases and servers", async () => {
    const { restore } = restoreAnswered.parse(await send(RESTORE));
    const finding = (code: string) => ({ code, message: `${code}.` });
    const plan: RestoreItem["plan"] = {
      at: "2026-12-03T10:01:00Z",
      refusals: [finding("TargetRunning")],
      warnings: [finding("FilesMissing")],
      filesToPut: 30,
      bytesToPut: 4000,
      filesPresent: 5,
      estimatedSeconds: 60,
    };
    await collaborators.catalog.updateRestore(restore.restoreId, {
      state: "failed",
      phase: "refused",
      statusMessage: "TargetRunning.",
      finishedAt: "2026-12-03T10:01:00Z",
      executionArn: "arn:execution",
      leaseToken: "secret-token",
      plan,
      files: { part: 1, after: "x", batches: 2, put: 12, kept: 5, done: false },
      database: {
        oldOid: 1,
        newName: "hidden",
        newOid: 2,
        restored: true,
        oldList: [],
        swappedAt: null,
        removed: 7,
        oldDropped: false,
      },
    });
    const shown = await send({ action: "restore-status", restoreId: restore.restoreId });
    expect(shown).toEqual({
      ok: true,
      message: `Restore ${restore.restoreId} is failed.`,
      restore: {
        ...restore,
        state: "failed",
        phase: "refused",
        statusMessage: "TargetRunning.",
        finishedAt: "2026-12-03T10:01:00Z",
        plan: { ...plan, filesToReplace: 0, bytesToReplace: 0 },
        files: { put: 12, replaced: 0, kept: 5, removed: 7, left: 0 },
      },
    });
    expect(restoreAnswered.parse(shown)).toEqual(shown);
    expect(JSON.stringify(shown)).not.toMatch(/secret-token|hidden|arn:execution/);
  });
  it("says when there is none", async () => {
    expect(await send({ action: "restore-status", restoreId: "restore-0" })).toEqual(
      refusal("There is no restore restore-0 in eu-central-1; check its id and region."),
    );
  });
});

describe("snapshots", () => {
  const list = async (): Promise<PublicSnapshot[]> => {
    const found: PublicSnapshot[] = [];
    let cursor: string | undefined;
    do {
      const page = snapshotsAnswered.parse(await send({ action: "snapshots", environmentId: ENVIRONMENT, cursor }));
      found.push(...page.snapshots);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  };

  it("lists every page, with what users need and nothing of places", async () => {
    const environment = await collaborators.catalog.getEnvironment(ENVIRONMENT);
    if (environment === undefined) throw new Error("unexpected");
    for (const id of ["two", "three", "four", "five"]) await seal(collaborators, environment, id);
    const found = await list();
    expect(found.map(({ snapshotId }) => snapshotId).toSorted()).toEqual(["five", "four", "one", "three", "two"]);
    expect(found.find(({ snapshotId }) => snapshotId === "one")).toEqual({
      snapshotId: "one",
      state: "completed",
      offered: true,
      tier: "nightly",
      createdAt: "2026-12-03T10:00:00Z",
      expiresAt: "2026-12-17T10:00:00Z",
      dumpSize: 1,
      filesSize: 0,
      fileCount: 0,
      missingCount: 0,
      replicatedAt: "2026-12-03T10:00:00Z",
      comment: "",
      statusMessage: "",
      warnings: [],
      createdBy: "Nightly",
    });
  });
  it("shows what is queued or has failed, and does not offer it", async () => {
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "one", { state: "failed", statusMessage: "No room." });
    await send(BACKUP);
    const found = await list();
    expect(found.map(({ state, offered }) => `${state} ${offered}`).toSorted()).toEqual([
      "failed false",
      "queued false",
    ]);
  });
  it("until the expiry second, and not when it is being deleted (I4)", async () => {
    collaborators.clock.set("2026-12-17T09:59:59.999Z");
    expect(await list()).toHaveLength(1);
    collaborators.clock.set("2026-12-17T10:00:00Z");
    expect(await list()).toEqual([]);
    collaborators.clock.set("2026-12-03T10:00:00Z");
    await collaborators.catalog.updateSnapshot(ENVIRONMENT, "one", { deleting: true });
    expect(await list()).toEqual([]);
  });
  it.each([
    ["can't be read", "nonsense"],
    ["DynamoDB refuses", Buffer.from('{"pk":"ENVIRONMENT#other","sk":"LEASE"}').toString("base64url")],
  ])("refuses a cursor that %s", async (_, cursor) => {
    // The real table's own ways with cursors, on a client that answers as DynamoDB does.
    const client = { send: () => Promise.reject(validationException()) } as unknown as DynamoDBDocumentClient;
    const { catalog } = collaborators;
    const listing = new Catalog(new DynamoDbTable(client, "catalog"));
    const mixed = Object.assign(Object.create(catalog) as Catalog, {
      listSnapshots: (environmentId: string, from?: string) => listing.listSnapshots(environmentId, from),
    });
    const answer = await handleRequest(
      { action: "snapshots", environmentId: ENVIRONMENT, cursor },
      { ...collaborators, catalog: mixed },
    );
    expect(answer).toEqual(
      refusal(
        `The cursor is none of the list of environment ${ENVIRONMENT}'s snapshots; ask for its first page, without a cursor.`,
      ),
    );
  });
});

it("says when there is no such environment", async () => {
  for (const wish of [BACKUP, { action: "snapshots" }]) {
    expect(await send({ ...wish, environmentId: "none" })).toEqual(
      refusal("There is no environment none in eu-central-1; register it first, or check its name and region."),
    );
  }
});

it("throws what may be repeated", async () => {
  collaborators.table.onRequest = () => {
    throw new CatalogUnavailable("The catalog can't be reached for now.");
  };
  const page = { action: "snapshots", environmentId: ENVIRONMENT, cursor: "nonsense" };
  for (const wish of [BACKUP, RESTORE, page]) await expect(send(wish)).rejects.toBeInstanceOf(CatalogUnavailable);
});

it("answers what it can't read with sentences", async () => {
  expect(await send({ action: "backups" })).toEqual(
    refusal(
      '"action" says "backups"; it must be "backup" or "restore" or "restore-status" or "drills" or "drill" or "snapshots".',
    ),
  );
  const { comment: _comment, ...rest } = BACKUP;
  expect(await send({ ...rest, createdBy: "", requestId: "7", colour: "red" })).toEqual(
    refusal(
      [
        '"comment" is missing; add it (it must be a string).',
        '"createdBy" says ""; it must be at least 1 characters long.',
        '"requestId" says "7"; it must be a valid UUID.',
        '"colour" is not known here; remove it, or check its spelling.',
      ].join("\n"),
    ),
  );
});

it("does not know of keys or ids that grow without limit", () => {
  expect(requestsRequest.safeParse({ ...BACKUP, comment: "x".repeat(1001) }).success).toBe(false);
  expect(requestsRequest.safeParse({ ...RESTORE, snapshotId: "x".repeat(129) }).success).toBe(false);
});
