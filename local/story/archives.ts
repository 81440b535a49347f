/** Downloads snapshots in every form, and compares what is in them with the environment they were made of. */
import { rmSync } from "node:fs";
import type { SnapshotItem } from "../../lambda/catalog/items";
import { compareFiles } from "../environments/file-fingerprint";
import { digest, listDump, readArchive } from "./archive-contents";
import { environmentPath, expectStatus } from "./api-client";
import { download, type Downloaded } from "./download";
import type { Fingerprint } from "./night";
import { megabytes } from "./progress";
import { part, type StoryContext } from "./story-context";

/** The full form alone, of an environment whose packs are large enough that storage copies them itself. */
export const downloadLarge = (
  context: StoryContext,
  appId: string,
  snapshot: SnapshotItem,
  { files }: Pick<Fingerprint, "files">,
): Promise<void> =>
  part(context, `Downloading ${snapshot.snapshotId} in full`, async () => {
    const { files_and_database: full } = await download(context, appId, snapshot, ["files_and_database"]);
    const contents = await readArchive(full.file);
    rmSync(full.file);
    context.report.checkNone(
      "download",
      `all of ${snapshot.environmentId} is in its archive, byte for byte`,
      [...compareFiles(files.files, contents.files), ...contents.strange],
      `${contents.files.size} files, ${megabytes(files.bytes)}; the archive has ${megabytes(full.archive.size ?? 0)}`,
    );
  });

/** Of one environment, in all three forms; the full one's file is kept for whoever wants to upload it. */
export const downloadAll = (
  context: StoryContext,
  appId: string,
  snapshot: SnapshotItem,
  { files }: Pick<Fingerprint, "files">,
): Promise<Downloaded> =>
  part(context, `Downloading ${snapshot.snapshotId}`, async () => {
    const { report, api, programs } = context;
    const path = `${environmentPath(appId, snapshot.environmentId)}snapshots/${snapshot.snapshotId}/archives/estimate`;
    const estimate = expectStatus(
      await api.get<{ size: number; estimated_seconds: number }>(`${path}?data_type=files_and_database`),
      200,
      "Estimating an archive",
    );
    const found = await download(context, appId, snapshot, ["files_and_database", "database_only", "files_only"]);
    const full = found.files_and_database;
    const { size } = await digest(full.file);
    report.check(
      "download",
      "size and time were told before it was built, and the size was about right",
      estimate.estimated_seconds > 0 && Math.abs(estimate.size - size) < 0.1 * size + 10_000,
      `${estimate.size} bytes and ${estimate.estimated_seconds} s told, ${size} bytes in ${full.fileName}`,
    );
    const contents = await readArchive(full.file);
    report.checkNone(
      "download",
      "the full archive has every file, byte for byte, and nothing else",
      [...compareFiles(files.files, contents.files), ...contents.strange],
      `${contents.files.size} files, ${megabytes(files.bytes)}, read by this machine's tar`,
    );
    report.check(
      "download",
      "its .metadata is as the exchange format has it",
      ["duration", "dumpSize", "modelVersion", "databaseSize", "filesSize"].every(
        (name) => typeof contents.metadata[name] === "string",
      ),
      JSON.stringify(contents.metadata),
    );
    const dump = await digest(found.database_only.file);
    const entries = await listDump(programs, found.database_only.file);
    report.check(
      "download",
      "the database alone is the same dump, and pg_restore reads it",
      dump.sha256 === contents.dump && String(dump.size) === contents.metadata["dumpSize"] && entries > 0,
      `${megabytes(dump.size)}, ${entries} entries`,
    );
    const onlyFiles = await readArchive(found.files_only.file);
    report.checkNone(
      "download",
      "the files alone are the same, without a database",
      [...compareFiles(files.files, onlyFiles.files), ...(onlyFiles.dump === undefined ? [] : ["there is a dump"])],
      `${onlyFiles.files.size} files`,
    );
    for (const { file } of [found.database_only, found.files_only]) rmSync(file);
    await triesLinks(context, full);
    return full;
  });

/** What the archive's address and link do besides giving the whole file, and what they don't. */
const triesLinks = async ({ report, secrets }: StoryContext, { archive }: Downloaded): Promise<void> => {
  const { url, link, size, expires_at: ends, link_expires_at: linkEnds } = archive;
  if (url === null || link === null) throw new Error("A completed archive has no address or no link.");
  const range = await fetch(url, { headers: { range: "bytes=10-19" }, redirect: "manual" });
  report.check(
    "download",
    "a part of it can be asked for",
    range.status === 206 && (await range.arrayBuffer()).byteLength === 10,
    range.headers.get("content-range") ?? "",
  );
  const followed = await fetch(link, { method: "HEAD", redirect: "manual" });
  const location = followed.headers.get("location") ?? "";
  secrets.noteLinks(location);
  const head = await fetch(location, { method: "HEAD" });
  report.check(
    "download",
    "its link leads to the same file, and to its size",
    followed.status === 302 && head.status === 200 && head.headers.get("content-length") === String(size),
    `HTTP ${followed.status}, then ${head.status}`,
  );
  report.check(
    "download",
    "its address ends with the credentials that signed it, before the link",
    ends !== null && linkEnds !== null && ends < linkEnds,
    `${ends}, ${linkEnds}`,
  );
  const changed = `${link.slice(0, -1)}${link.endsWith("0") ? "1" : "0"}`;
  const { status } = await fetch(changed, { redirect: "manual" });
  report.check("download", "a link with another token leads nowhere", status === 404, `HTTP ${status}`);
};
