/** A backup of an instance that is not available: failed before anything is begun, or waited for without the lease. */
import { beginBackup } from "../../lambda/backup/begin-backup";
import { failBackup } from "../../lambda/backup/fail-backup";
import { queueBackup } from "../../lambda/backup/queue-backup";
import { ServiceFailure, type DatabaseStatuses } from "../../lambda/runtime/collaborators";
import type { FakeCollaborators } from "../support/collaborators";
import { snapshotOf } from "./environment-fixture";
import { ENVIRONMENT, nightRequest } from "./night";
import { arnOf, NIGHT, ready, SNAPSHOT } from "./small-night";

const request = nightRequest(NIGHT);
let c: FakeCollaborators;
beforeEach(async () => {
  c = await ready();
  const environment = await c.catalog.getEnvironment(ENVIRONMENT);
  if (environment === undefined) throw new Error("no environment");
  const { registration } = environment;
  await c.catalog.updateEnvironment(ENVIRONMENT, {
    registration: { ...registration, database: { ...registration.database, instance: "shop-db" } },
  });
  await queueBackup(request, { modelVersion: "1.2.3" }, c);
});
const being = (status: string | undefined): DatabaseStatuses => ({
  statusOf: async () =>
    status === undefined
      ? undefined
      : {
          status,
          engineVersion: "15.14",
          allocatedBytes: 1,
          instanceClass: "",
          multiAz: false,
          maintenanceWindow: "",
          backupWindow: "",
        },
});
const begin = (databases: DatabaseStatuses, change: Partial<typeof request> = {}) =>
  beginBackup({ executionArn: arnOf(request), request: { ...request, ...change } }, { ...c, databases });

test("available, unknown to RDS, or RDS silent: the backup begins", async () => {
  const silent: DatabaseStatuses = {
    statusOf: () => Promise.reject(new ServiceFailure("DatabaseStatusUnavailable", "RDS does not say.", true)),
  };
  for (const databases of [being("available"), being(undefined), silent])
    expect(await begin(databases)).toMatchObject({ outcome: "begun" });
  expect(c.log.lines).toMatchObject([{ level: "warn", details: { reason: "RDS does not say." } }]);
});

test("an upload brings its database along: nobody asks", async () => {
  expect(await begin(being("stopped"), { trigger: "upload", tier: "uploaded" })).toMatchObject({ outcome: "begun" });
});

test.each(["stopped", "storage-full", "incompatible-parameters"])(
  "%s fails the attempt with a sentence, before lease and task; rule 5 tries it two more times",
  async (status) => {
    const failure = await begin(being(status)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServiceFailure);
    const { name, message } = failure as ServiceFailure;
    expect(name).toBe("DatabaseNotAvailable");
    expect(message).toMatch(new RegExp(`^The database instance shop-db is ${status}: .+\\.$`));
    expect(await c.catalog.getLease(ENVIRONMENT)).toBeUndefined();
    const error = { Error: name, Cause: JSON.stringify({ errorType: name, errorMessage: message }) };
    const failed = await failBackup({ executionArn: arnOf(request), request, error }, c);
    expect(failed).toEqual({ reason: message, nextAttempt: 2, sealed: false });
  },
);

test.each(["maintenance", "modifying", "rebooting", "upgrading"])(
  "%s is waited for without the lease, with the reason shown",
  async (status) => {
    expect(await begin(being(status))).toEqual({
      outcome: "busy",
      reason: `Queued: the database instance shop-db is ${status}.`,
    });
    expect(await c.catalog.getLease(ENVIRONMENT)).toBeUndefined();
    expect(await snapshotOf(c, ENVIRONMENT, SNAPSHOT)).toMatchObject({
      state: "queued",
      statusMessage: `Queued: the database instance shop-db is ${status}.`,
    });
    expect(await begin(being("available"))).toMatchObject({ outcome: "begun" });
  },
);

test("two hours of waiting end in a sentence", async () => {
  c.clock.set(new Date(Date.parse(request.requestedAt) + 2 * 3_600_000 - 1000));
  expect(await begin(being("upgrading"))).toMatchObject({ outcome: "busy" });
  c.clock.advance(1000);
  await expect(begin(being("upgrading"))).rejects.toMatchObject({
    code: "DatabaseNotAvailable",
    message: "The database instance shop-db is still upgrading after 2 hours: look at it, then take the backup.",
  });
});
