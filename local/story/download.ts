/** Downloads: asks for archives, gets them at their addresses as scripts do, and keeps the files in the run's folder. */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { SnapshotItem } from "../../lambda/catalog/items";
import type { ArchiveDataType } from "../../lambda/catalog/items";
import type { ArchiveView } from "../../lambda/api/schemas/archives";
import { environmentPath, expectStatus } from "./api-client";
import { settle, type StoryContext } from "./story-context";

export interface Downloaded {
  readonly file: string;
  readonly archive: ArchiveView;
  /** What the answer's Content-Disposition calls it. */
  readonly fileName: string;
}

/** All kinds asked for at once. Throws when one of them can't be had. */
export const download = async <Kind extends ArchiveDataType>(
  context: StoryContext,
  appId: string,
  { environmentId, snapshotId }: Pick<SnapshotItem, "environmentId" | "snapshotId">,
  kinds: readonly Kind[],
): Promise<Readonly<Record<Kind, Downloaded>>> => {
  const { api, local } = context;
  const path = `${environmentPath(appId, environmentId)}snapshots/${snapshotId}/archives`;
  const asked: ArchiveView[] = [];
  for (const kind of kinds)
    asked.push(expectStatus(await api.post<ArchiveView>(`${path}?data_type=${kind}`), 200, `Asking for ${kind}`));
  await settle(local);
  const found: Partial<Record<ArchiveDataType, Downloaded>> = {};
  for (const { archive_id: id, data_type: kind } of asked) {
    const archive = expectStatus(await api.get<ArchiveView>(`${path}/${id}`), 200, `Reading the archive ${kind}`);
    if (archive.state !== "completed" || archive.url === null)
      throw new Error(`The archive ${kind} is ${archive.state}: ${archive.status_message}`);
    found[kind] = { archive, ...(await fetchFile(context, archive.url, `${snapshotId}-${kind}`)) };
  }
  return found as Record<Kind, Downloaded>;
};

/** No redirect leads to it: the address is S3's own. */
const fetchFile = async (
  { secrets, folder }: StoryContext,
  url: string,
  name: string,
): Promise<Pick<Downloaded, "file" | "fileName">> => {
  secrets.noteLinks(url);
  const response = await fetch(url, { redirect: "manual" });
  if (response.status !== 200 || response.body === null)
    throw new Error(`The download of ${name} answers ${response.status}.`);
  const file = join(folder, name);
  await pipeline(Readable.fromWeb(response.body as never), createWriteStream(file));
  const disposition = response.headers.get("content-disposition") ?? "";
  return { file, fileName: /filename="?([^";]+)/.exec(disposition)?.[1] ?? "" };
};
