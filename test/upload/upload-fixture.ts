/** An environment that uploads are made into, without Step Functions: the workflow's steps one after another. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beginBackup } from "../../lambda/backup/begin-backup";
import { readManifest } from "../../lambda/backup/committed-manifest";
import { failBackup } from "../../lambda/backup/fail-backup";
import { sealSnapshot } from "../../lambda/backup/seal-snapshot";
import type { SnapshotItem, UploadItem } from "../../lambda/catalog/items";
import { PATIENCE } from "../../lambda/database-task/task-context";
import { runVerb } from "../../lambda/database-task/verbs";
import { dumpOf as dumpEntryOf, type Manifest } from "../../lambda/snapshot/manifest";
import { completeUpload } from "../../lambda/upload/complete-upload";
import { uploadExecutionInput } from "../../lambda/upload/contract";
import { createUpload } from "../../lambda/upload/create-upload";
import { environmentItem } from "../backup/environment-fixture";
import { fakeCollaborators, PRIMARY_BUCKET, TRANSFER_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";

export const ENVIRONMENT = "shop-production";
const PROGRAMS = "/usr/lib/postgresql/{major}/bin";

export const uploadWorld = async (): Promise<FakeCollaborators> => {
  const world = fakeCollaborators();
  await world.catalog.createEnvironment(environmentItem(ENVIRONMENT));
  return world;
};

/** All parts put and completed: what a client does. */
export const uploadBytes = async (world: FakeCollaborators, body: Buffer, comment = ""): Promise<UploadItem> => {
  const upload = await createUpload(world, {
    environmentId: ENVIRONMENT,
    fileName: "backup.tar.gz",
    size: body.length,
    comment,
    createdBy: "Operator",
  });
  const ref = { bucket: TRANSFER_BUCKET, key: upload.key };
  for (let part = 1; (part - 1) * upload.partSize < body.length; part++) {
    const bytes = body.subarray((part - 1) * upload.partSize, part * upload.partSize);
    await world.store.uploadPart(ref, upload.multipartId, part, bytes);
  }
  return completeUpload(world, upload);
};

export interface UploadEnd {
  readonly snapshot: SnapshotItem;
  readonly upload: UploadItem;
  readonly reason: string | undefined;
}

/** The upload workflow's steps. */
export const runUpload = async (
  world: FakeCollaborators,
  { uploadId }: Pick<UploadItem, "uploadId">,
  majors: readonly number[] = [15],
): Promise<UploadEnd> => {
  const started = must(world.workflows.started.find(({ name }) => name.endsWith(uploadId)));
  const { request } = uploadExecutionInput.parse(started.input);
  const executionArn = `arn:aws:states:eu-central-1:111111111111:execution:upload:${started.name}`;
  const begun = await beginBackup({ executionArn, request }, world);
  if (begun.outcome !== "begun") throw new Error(`The upload did not begin: ${begun.reason}`);
  const { environmentId, snapshotId, attemptId } = begun.attempt;
  const exitCode = await runVerb(
    {
      ...world,
      secrets: { databaseCredentials: async () => ({ username: "nobody", password: "none" }) },
      programs: { directory: PROGRAMS.replace("{major}", "15"), majors },
      taskArn: `task-${uploadId}`,
      patience: PATIENCE,
      signal: new AbortController().signal,
    },
    ["unpack", environmentId, snapshotId, attemptId, uploadId],
  );
  let reason: string | undefined;
  if (exitCode === 0) await sealSnapshot({ attempt: begun.attempt }, world);
  else {
    const error = { Error: "States.TaskFailed", Cause: "{}" };
    reason = (await failBackup({ executionArn, request, error }, world)).reason;
  }
  const snapshot = must(await world.catalog.getSnapshot(environmentId, snapshotId));
  return { snapshot, upload: must(await world.catalog.getUpload(uploadId)), reason };
};

export const manifestOf = async (world: FakeCollaborators, snapshot: SnapshotItem): Promise<Manifest> =>
  readManifest(must(snapshot.manifest ?? undefined), PRIMARY_BUCKET, world.store);
/** Every file of a snapshot, read from its packs with GNU tar: name → content. */
export const filesOf = (world: FakeCollaborators, { files }: Manifest): Record<string, string> => {
  const folder = mkdtempSync(join(tmpdir(), "upload-files-"));
  try {
    const found: Record<string, string> = {};
    for (const { key } of files.packs) {
      const input = world.store.bytes(PRIMARY_BUCKET, key);
      const names = execFileSync("tar", ["-xvzf", "-", "-C", folder], { input, encoding: "utf8" }).trim().split("\n");
      for (const name of names) found[name] = readFileSync(join(folder, name), "latin1");
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
};
export const dumpOf = (world: FakeCollaborators, manifest: Manifest): Buffer =>
  gunzipSync(world.store.bytes(PRIMARY_BUCKET, dumpEntryOf(manifest).key));

/** A dump as the documentation says: without owners and grants, in custom format. */
export const pgDump = (server: PostgresServer, database: string, ...options: string[]): Buffer =>
  execFileSync(
    `${server.programsPattern.replace("{major}", String(server.major))}/pg_dump`,
    [
      ...(options.length === 0 ? ["-Fc"] : options),
      "-O",
      "-x",
      "-h",
      server.host,
      "-p",
      String(server.port),
      "-U",
      server.user,
      database,
    ],
    { env: { PGPASSWORD: server.password }, maxBuffer: 1e9 },
  );
