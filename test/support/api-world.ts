/**
 * The API with fake collaborators, and a small world to look at: app `shop` with two environments, app `bank` with
 * one, people with keys and roles, snapshots of every kind. The clock stands at 5 December 2026, noon.
 */
import { createApi } from "../../lambda/api/app";
import type { Api, ApiCollaborators } from "../../lambda/api/api-context";
import type { ApiSettings } from "../../lambda/api/contract";
import { hashOfKey, keyIdOf, newApiKey } from "../../lambda/access/api-keys";
import { NO_TOKENS } from "../../lambda/access/tokens";
import type { EnvironmentItem, Grant, SnapshotItem } from "../../lambda/catalog/items";
import { registration } from "../../lambda/catalog/registration";
import type { DatabaseStatus } from "../../lambda/runtime/collaborators";
import { environmentItem, snapshotItem } from "../catalog/catalog-fixtures";
import {
  fakeCollaborators,
  FILES_BUCKET,
  type FakeCollaborators,
  type FakeOptions,
  seededRandomness,
} from "./collaborators";
import { withManifest } from "./sample-manifest";

export const PRODUCTION = "shop-production";
export const ACCEPTANCE = "shop-acceptance";
export const OTHER = "bank-production";
/** Who may do what. Everybody has a key. */
export const PEOPLE: Readonly<Record<string, readonly Grant[]>> = {
  admin: [{ app: "*", role: "administer" }],
  reader: [{ app: "shop", role: "read" }],
  operator: [{ app: "shop", role: "backup" }],
  restorer: [{ app: "shop", role: "restore" }],
  owner: [{ app: "shop", role: "administer" }],
  banker: [{ app: "bank", role: "administer" }],
  nobody: [],
};

export const API_SETTINGS: ApiSettings = {
  stage: "test",
  registering: "app",
  oidc: null,
  regions: [
    {
      name: "Frankfurt",
      region: "eu-central-1",
      replicationName: "Dublin",
      replicationRegion: "eu-west-1",
      startUtc: "00:00",
      durationMinutes: 180,
      deployed: true,
    },
    {
      name: "N. Virginia",
      region: "us-east-1",
      replicationName: "N. California",
      replicationRegion: "us-west-1",
      startUtc: "05:00",
      durationMinutes: 240,
      deployed: false,
    },
  ],
};

const DATABASE_STATUS: DatabaseStatus = {
  status: "available",
  engineVersion: "15.8",
  allocatedBytes: 100 * 2 ** 30,
  instanceClass: "db.t4g.medium",
  multiAz: true,
  maintenanceWindow: "sun:02:00-sun:02:30",
  backupWindow: "20:00-20:30",
};

export interface ApiWorld {
  readonly api: Api;
  readonly fakes: FakeCollaborators;
  readonly collaborators: ApiCollaborators;
  /** The key of one of `PEOPLE`. */
  readonly keyOf: (person: string) => string;
}
export interface ApiWorldOptions extends FakeOptions {
  /** Of the production environment; those of every kind come besides. @default 0 */
  readonly snapshots?: number;
  readonly change?: (fakes: FakeCollaborators) => Partial<ApiCollaborators>;
}

export async function createApiWorld({ snapshots = 0, change, ...options }: ApiWorldOptions = {}): Promise<ApiWorld> {
  const fakes = fakeCollaborators({ now: new Date("2026-12-05T12:00:00Z"), ...options });
  fakes.store.createBucket(fakes.settings.TRANSFER_BUCKET);
  const collaborators: ApiCollaborators = {
    ...fakes,
    api: API_SETTINGS,
    tokens: NO_TOKENS,
    pause: async () => {},
    databases: { statusOf: async (instance) => (instance === "shop-db" ? DATABASE_STATUS : undefined) },
    presigner: {
      // As credentials of an hour would sign it.
      getUrl: async ({ bucket, key }, { seconds }) => {
        const lasting = Math.min(seconds, 3600);
        const expiresAt = new Date(fakes.clock.now().getTime() + lasting * 1000);
        return { url: `https://transfer.example/${bucket}/${key}?for=${lasting}`, expiresAt };
      },
      partUrl: async ({ bucket, key }, { partNumber, seconds }) =>
        `https://transfer.example/${bucket}/${key}?part=${partNumber}&for=${seconds}`,
    },
    ...change?.(fakes),
  };
  const keys = await admitPeople(fakes);
  await furnish(fakes, snapshots);
  return {
    api: createApi(collaborators),
    fakes,
    collaborators,
    keyOf: (person) => keys.get(person) ?? "",
  };
}

async function admitPeople({ catalog }: FakeCollaborators): Promise<ReadonlyMap<string, string>> {
  const random = seededRandomness(4711);
  const at = "2026-11-01T00:00:00Z";
  const keys = new Map<string, string>();
  for (const [name, grants] of Object.entries(PEOPLE)) {
    const key = newApiKey(random);
    const hash = hashOfKey(key);
    keys.set(name, key);
    await catalog.putPrincipal({ name, grants, createdAt: at, createdBy: "test", updatedAt: at });
    const item = { principal: name, keyId: keyIdOf(hash), hash, label: "test", createdAt: at, createdBy: "test" };
    await catalog.putApiKey({ ...item, expiresAt: null });
  }
  return keys;
}

const environment = (environmentId: string, appId: string, change: Partial<EnvironmentItem>): EnvironmentItem => {
  const standing = environmentItem(environmentId, { firstStartedAt: "2026-11-01T08:00:00Z", ...change });
  const database = { instance: `${appId}-db`, host: "database.example", name: "app", secret: "secret" };
  const files = { bucket: FILES_BUCKET };
  return { ...standing, registration: registration.parse({ ...standing.registration, appId, database, files }) };
};

async function furnish(fakes: FakeCollaborators, count: number): Promise<void> {
  const { catalog } = fakes;
  const production = environment(PRODUCTION, "shop", { running: true, modelVersion: "1.4.0" });
  await catalog.createEnvironment(production);
  await catalog.createEnvironment(environment(ACCEPTANCE, "shop", { running: false, modelVersion: "1.5.0" }));
  await catalog.createEnvironment(environment(OTHER, "bank", { running: true, modelVersion: "7.0.1" }));
  for (const snapshot of [...SNAPSHOTS, ...manySnapshots(count)]) {
    await catalog.createSnapshot(
      snapshot.state === "completed" ? await withManifest(fakes, production, snapshot) : snapshot,
    );
  }
}

const completed = (id: string, change: Partial<SnapshotItem>): SnapshotItem => {
  const createdAt = change.createdAt ?? "2026-12-05T00:12:00Z";
  return snapshotItem(PRODUCTION, id, {
    state: "completed",
    createdBy: "Nightly",
    modelVersion: "1.4.0",
    createdAt,
    updatedAt: new Date(Date.parse(createdAt) + 240_000).toISOString().replace(".000Z", "Z"),
    finishedAt: new Date(Date.parse(createdAt) + 240_000).toISOString().replace(".000Z", "Z"),
    expiresAt: "2026-12-19T00:12:00Z",
    replicatedAt: "2026-12-05T00:20:00Z",
    dumpSize: 52_428_800,
    databaseSize: 104_857_600,
    filesSize: 1_073_741_824,
    fileCount: 5000,
    missingCount: 0,
    ...change,
  });
};
/** By hand: one of every kind that users meet, and two that they must not. */
export const SNAPSHOTS: readonly SnapshotItem[] = [
  completed("10000000-0000-8000-8000-000000000001", { night: "2026-12-05" }),
  completed("10000000-0000-8000-8000-000000000002", {
    night: "2026-11-29",
    tier: "weekly",
    createdAt: "2026-11-29T00:12:00Z",
    expiresAt: "2027-02-28T00:12:00Z",
  }),
  completed("10000000-0000-8000-8000-000000000003", {
    night: "2026-11-01",
    tier: "monthly",
    createdAt: "2026-11-01T00:12:00Z",
    expiresAt: "2027-11-01T00:12:00Z",
  }),
  completed("10000000-0000-8000-8000-000000000004", {
    night: null,
    tier: "on-demand",
    createdBy: "operator",
    comment: "before the release",
    createdAt: "2026-12-04T15:00:00Z",
    expiresAt: "2027-03-04T15:00:00Z",
  }),
  completed("10000000-0000-8000-8000-000000000005", {
    night: null,
    tier: "uploaded",
    createdBy: "owner",
    createdAt: "2026-12-03T15:00:00Z",
    expiresAt: "2027-03-03T15:00:00Z",
    replicatedAt: null,
  }),
  completed("10000000-0000-8000-8000-000000000006", {
    night: "2026-12-03",
    state: "failed",
    statusMessage: "The database could not be reached: check its security group.",
    createdAt: "2026-12-03T00:12:00Z",
    expiresAt: "2026-12-17T00:12:00Z",
    dumpSize: null,
    databaseSize: null,
    filesSize: null,
    fileCount: null,
    missingCount: null,
    manifest: null,
    replicatedAt: null,
  }),
  completed("10000000-0000-8000-8000-000000000007", {
    night: "2026-11-21",
    createdAt: "2026-11-21T12:00:00Z",
    expiresAt: "2026-12-05T12:00:00Z",
    comment: "expires at this very second",
  }),
  completed("10000000-0000-8000-8000-000000000008", { night: "2026-12-02", deleting: true, comment: "being deleted" }),
];

/** One an hour into the past, so that their order is known. */
const manySnapshots = (count: number): SnapshotItem[] =>
  Array.from({ length: count }, (_, number) =>
    completed(`20000000-0000-8000-8000-${String(number).padStart(12, "0")}`, {
      night: number % 3 === 0 ? null : "2026-12-01",
      tier: number % 3 === 0 ? "on-demand" : "nightly",
      createdBy: number % 3 === 0 ? "operator" : "Nightly",
      comment: number % 7 === 0 ? `comment ${number}` : "",
      createdAt: new Date(Date.parse("2026-12-01T00:00:00Z") - number * 3_600_000).toISOString().replace(".000Z", "Z"),
      expiresAt: "2027-01-01T00:00:00Z",
    }),
  );
