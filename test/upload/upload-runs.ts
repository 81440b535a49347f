/** Uploads into the simulated service: archives made as people make them, and runs from upload to restore. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { requestArchive } from "../../lambda/archive/request-archive";
import type { ArchiveDataType } from "../../lambda/catalog/items";
import { tarPath } from "../../lambda/pack/tar-path";
import { completeUpload } from "../../lambda/upload/complete-upload";
import { createUpload } from "../../lambda/upload/create-upload";
import { SOURCE, type SmallWorld } from "../crash/small-world";
import { FILES_BUCKET, TRANSFER_BUCKET } from "../support/collaborators";
import { pgDump } from "./upload-fixture";

/** Uploaded, completed, and all that follows run to its end; gives the snapshot's id. */
export const upload = async (world: SmallWorld, body: Buffer): Promise<string> => {
  const { service } = world;
  const outside = service.outside();
  const wish = { environmentId: SOURCE, fileName: "backup", size: body.length, comment: "", createdBy: "a test" };
  const open = await createUpload(outside, wish);
  await service.base.store.uploadPart({ bucket: TRANSFER_BUCKET, key: open.key }, open.multipartId, 1, body);
  await completeUpload(outside, open);
  await service.drain();
  return open.snapshotId;
};

export const sourceDump = ({ postgres }: SmallWorld): Buffer => pgDump(postgres, "crash_source");

/** What the source holds, as an archive by GNU tar and gzip; `order` sorts the entries' names. */
export const archiveByHand = (world: SmallWorld, order: (names: string[]) => string[]): Buffer => {
  const folder = mkdtempSync(join(tmpdir(), "archive-"));
  try {
    const write = (name: string, body: Buffer | string): string => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), body);
      return name;
    };
    const files = world.service.base.store
      .versions(FILES_BUCKET)
      .filter(({ key }) => key.startsWith(`${SOURCE}/`))
      .map(({ key, body }) => write(tarPath(key.slice(SOURCE.length + 1)), Buffer.from(body)));
    const names = [
      write("db/db.backup", sourceDump(world)),
      write(".metadata", JSON.stringify({ modelVersion: "1.2.3", duration: "3" })),
      ...files,
    ];
    const list = join(folder, "names");
    writeFileSync(list, order(names).join("\n"));
    return execFileSync("tar", ["-czf", "-", "-C", folder, "-T", list], { maxBuffer: 1e9 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Asked for, built to its end; the file as a client gets it. */
export const download = async (world: SmallWorld, snapshotId: string, dataType: ArchiveDataType): Promise<Buffer> => {
  const { service } = world;
  const asked = { environmentId: SOURCE, snapshotId, dataType, requestedBy: "a test" };
  const { archiveId } = await requestArchive(service.outside(), asked);
  await service.drain();
  const archive = await service.base.catalog.getArchive(archiveId);
  if (archive?.state !== "completed") throw new Error(`The archive is ${archive?.state ?? "gone"}.`);
  return service.base.store.bytes(TRANSFER_BUCKET, archive.key);
};

/** Name → content of every entry, by GNU tar. */
export const contentsOfArchive = (archive: Buffer): Record<string, string> => {
  const folder = mkdtempSync(join(tmpdir(), "archive-contents-"));
  try {
    const list = execFileSync("tar", ["-xvzf", "-", "-C", folder], { input: archive, encoding: "utf8" });
    const names = list.trim().split("\n");
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "latin1")]));
  } finally {
    rmSync(folder, { recursive: true });
  }
};
