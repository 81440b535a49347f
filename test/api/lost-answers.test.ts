/**
 * Every change, broken off at each of its requests to catalog, storage and workflows, before its effect and after: the
 * caller gets a 500, asks again, and everything is as if nothing had happened, with nothing started twice.
 */
import { answerProxyEvent, type ProxyEvent } from "../../lambda/api/proxy-event";
import { readSnapshotRecord } from "../../lambda/catalog/records";
import { ACCEPTANCE, createApiWorld, PRODUCTION, SNAPSHOTS, type ApiWorld } from "../support/api-world";
import { must } from "../support/must";
import { environmentPath, signInHeaders } from "./api-client";
import { auditOf } from "./audit-of";

const SNAPSHOT = `${environmentPath(PRODUCTION)}/snapshots/${must(SNAPSHOTS[0]).snapshotId}`;
const REGISTRATION = {
  environmentId: "shop-test",
  appId: "shop",
  region: "eu-central-1",
  database: { host: "database.example", name: "shop", secret: "shop-database-secret" },
  network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
  files: { bucket: "shop-test-files" },
};
interface Change {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What asking again answers once the change is complete, where it is not the same. */
  readonly gone?: 404;
  /** Holds at every moment. */
  readonly always?: (world: ApiWorld) => Promise<void>;
}
/** The catalog can be rebuilt from the records: they are never behind it. */
const commentIsRecorded = async ({ fakes }: ApiWorld): Promise<void> => {
  const { snapshotId } = must(SNAPSHOTS[0]);
  const item = await fakes.catalog.getSnapshot(PRODUCTION, snapshotId);
  if (item?.comment !== "x") return;
  const place = must(await fakes.catalog.getEnvironment(PRODUCTION));
  expect(await readSnapshotRecord(place, snapshotId, fakes)).toMatchObject({ comment: "x" });
};
const CHANGES: Readonly<Record<string, Change>> = {
  "creating a snapshot": { method: "POST", path: `${environmentPath(PRODUCTION)}/snapshots`, body: { comment: "x" } },
  "changing a comment": { method: "PUT", path: SNAPSHOT, body: { comment: "x" }, always: commentIsRecorded },
  "deleting a snapshot": { method: "DELETE", path: SNAPSHOT, gone: 404 },
  "creating an archive": { method: "POST", path: `${SNAPSHOT}/archives` },
  "beginning an upload": {
    method: "POST",
    path: `${environmentPath(PRODUCTION)}/uploads`,
    body: { file_name: "a.backup", size: 5 },
  },
  restoring: {
    method: "POST",
    path: `${environmentPath(ACCEPTANCE)}/restores`,
    query: { source_snapshot_id: must(SNAPSHOTS[0]).snapshotId },
  },
  "planning a restore": {
    method: "POST",
    path: `${environmentPath(PRODUCTION)}/restore-plans`,
    query: { source_snapshot_id: must(SNAPSHOTS[0]).snapshotId },
  },
  "registering an environment": { method: "PUT", path: environmentPath("shop-test"), body: REGISTRATION },
  "noting a start": { method: "POST", path: `${environmentPath(ACCEPTANCE)}/started`, body: { model_version: "9" } },
};

const send = async (world: ApiWorld, { method, path, query = {}, body }: Change): Promise<number> => {
  const headers = { ...signInHeaders(world, "owner"), "Idempotency-Key": "0b6ad33e-53a5-4a0e-9d35-0a5a1c9cf7d2" };
  const event: ProxyEvent = {
    httpMethod: method,
    path: `/api/v2${path}`,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    multiValueQueryStringParameters: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { path: `/backups/api/v2${path}`, requestId: "request-1" },
  };
  return (await answerProxyEvent(world.api, event)).statusCode;
};

/** Throws at the point of that number, and counts them all. */
class Breaker {
  count = 0;
  constructor(private at: number) {}
  readonly pass = (): void => {
    if (this.count++ === this.at) throw new Error("Broken off.");
  };
  /** Before each request's effect and after it. */
  attach({ fakes }: ApiWorld): void {
    for (const one of [fakes.table, fakes.store]) {
      one.onRequest = this.pass;
      one.onReply = this.pass;
    }
    const start = fakes.workflows.start.bind(fakes.workflows);
    fakes.workflows.start = async (...args) => {
      this.pass();
      const result = await start(...args);
      this.pass();
      return result;
    };
  }
  rest(): void {
    this.at = Number.POSITIVE_INFINITY;
  }
}

/** All that is left in the catalog, and what was started. Storage gives every multipart upload a name of its own. */
const outcomeOf = ({ fakes }: ApiWorld): unknown => ({
  started: fakes.workflows.started,
  items: fakes.table.all().map(({ multipartId: _multipartId, ...item }) => item),
});

test.each(Object.entries(CHANGES))("%s", async (_, change) => {
  const whole = await createApiWorld();
  const all = new Breaker(Number.POSITIVE_INFINITY);
  all.attach(whole);
  const expected = await send(whole, change);
  expect([200, 204]).toContain(expected);
  const outcome = outcomeOf(whole);
  expect(all.count).toBeGreaterThan(5);

  for (let at = 0; at < all.count; at++) {
    const world = await createApiWorld();
    const before = JSON.stringify(outcomeOf(world));
    const breaker = new Breaker(at);
    breaker.attach(world);
    expect({ at, status: await send(world, change) }).toEqual({ at, status: 500 });
    // Nothing is changed before it is audited.
    if (JSON.stringify(outcomeOf(world)) !== before) expect(auditOf(world)).toHaveLength(1);
    breaker.rest();
    await change.always?.(world);
    const again = await send(world, change);
    expect([expected, change.gone]).toContain(again);
    expect({ at, outcome: outcomeOf(world) }).toEqual({ at, outcome });
  }
});
