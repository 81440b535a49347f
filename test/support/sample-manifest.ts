/** A snapshot's manifest that says what a real one would, stored where it would be; the objects it lists don't exist. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { EnvironmentItem, SnapshotItem } from "../../lambda/catalog/items";
import type { Manifest } from "../../lambda/snapshot/manifest";
import { attemptPrefix, manifestKey, packKey } from "../../lambda/storage/object-keys";
import type { FakeCollaborators } from "./collaborators";

/** The snapshot, with its manifest's place filled in. */
export const withManifest = (
  fakes: Pick<FakeCollaborators, "store" | "settings">,
  environment: EnvironmentItem,
  snapshot: SnapshotItem,
): Promise<SnapshotItem> => sealedAnew(fakes, environment, snapshot, () => ({}));

/** The same with another manifest. */
export async function sealedAnew(
  { store, settings }: Pick<FakeCollaborators, "store" | "settings">,
  environment: EnvironmentItem,
  snapshot: SnapshotItem,
  change: (manifest: Manifest) => Partial<Manifest>,
): Promise<SnapshotItem> {
  const key = manifestKey(environment, snapshot.snapshotId);
  const manifest = manifestOf(environment, snapshot);
  const body = Buffer.from(JSON.stringify({ ...manifest, ...change(manifest) }));
  const { versionId = "" } = await store.put({ bucket: settings.PRIMARY_BUCKET, key, body });
  const sha256 = createHash("sha256").update(body).digest("hex");
  return { ...snapshot, manifest: { key, versionId, size: body.length, sha256, crc32: crc32(body) } };
}

function manifestOf(environment: EnvironmentItem, snapshot: SnapshotItem): Manifest {
  const { snapshotId, tier, night, createdAt, expiresAt, createdBy, comment, modelVersion } = snapshot;
  const dumpSize = snapshot.dumpSize ?? 0;
  const bytes = snapshot.filesSize ?? 0;
  const count = snapshot.fileCount ?? 0;
  const attemptId = "a".repeat(20);
  const object = { versionId: "1", sha256: "0".repeat(64), crc32: 0 };
  const dumpBytes = Math.ceil(dumpSize / 4);
  return {
    format: 1,
    snapshotId,
    attemptId,
    environmentId: environment.environmentId,
    appId: environment.registration.appId,
    region: environment.registration.region,
    replication: environment.replication,
    replicationRegion: "eu-west-1",
    tier,
    night,
    createdAt,
    completedAt: snapshot.finishedAt ?? createdAt,
    expiresAt,
    createdBy,
    comment,
    modelVersion,
    consistency: "reference-query",
    baseSnapshotId: null,
    database: {
      ...object,
      key: `${attemptPrefix(environment, snapshotId, attemptId)}database.gz`,
      size: dumpBytes + 20,
      dumpSize,
      dumpSha256: object.sha256,
      dumpCrc32: 0,
      segment: { offset: 10, length: dumpBytes },
      databaseSize: dumpSize * 2,
      serverVersion: "15.8",
      dumpVersion: "15.8",
      privileges: true,
      encoding: "UTF8",
      collate: "C",
      ctype: "C",
      extensions: [],
      policyRoles: [],
    },
    files: {
      count,
      bytes,
      missing: { count: 0, keys: [] },
      index: [],
      packs: [
        {
          ...object,
          packId: "pack-1",
          key: packKey(environment, "pack-1"),
          size: bytes,
          segments: count,
          liveSegments: count,
          liveBytes: bytes,
          lockedUntil: expiresAt,
        },
      ],
    },
    warnings: [],
  };
}
