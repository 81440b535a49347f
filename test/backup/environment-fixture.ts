/** An environment as the catalog has it, for the tests of backups. */
import { registration, type RegistrationInput } from "../../lambda/catalog/registration";
import type { EnvironmentItem, SnapshotItem } from "../../lambda/catalog/items";
import { FILES_BUCKET, type FakeCollaborators } from "../support/collaborators";

export const registrationOf = (environmentId: string, change: Partial<RegistrationInput> = {}): RegistrationInput => ({
  environmentId,
  appId: "shop",
  region: "eu-central-1",
  modelVersion: "1.2.3",
  database: { host: "database.example", name: "shop", secret: "shop-database" },
  network: { subnets: ["subnet-1"], securityGroups: ["sg-1"], publicAddress: true },
  files: { bucket: FILES_BUCKET },
  ...change,
});

export const environmentItem = (
  environmentId = "shop-production",
  change: Partial<EnvironmentItem> = {},
): EnvironmentItem => ({
  environmentId,
  registration: registration.parse(registrationOf(environmentId)),
  replication: "replicated",
  registeredAt: "2026-11-01T09:00:00Z",
  firstStartedAt: "2026-11-01T10:00:00Z",
  running: true,
  modelVersion: "1.2.3",
  lastDurationSeconds: null,
  lastSnapshotId: null,
  probe: null,
  ...change,
});

export async function snapshotOf(
  collaborators: FakeCollaborators,
  environmentId: string,
  snapshotId: string,
): Promise<SnapshotItem> {
  const snapshot = await collaborators.catalog.getSnapshot(environmentId, snapshotId);
  if (snapshot === undefined) throw new Error(`No snapshot ${snapshotId} in the catalog.`);
  return snapshot;
}

export const executionArn = (name: string): string =>
  `arn:aws:states:eu-central-1:111111111111:execution:backup:${name}`;
