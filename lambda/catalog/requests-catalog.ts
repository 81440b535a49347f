/** What people ask for: restores, archives with their links, uploads. Every method is one request unless it says otherwise. */
import { environmentPk, isoSeconds, page, type Page } from "./catalog-base";
import type { ArchiveItem, ArchiveLink, RestoreItem, RestoreState, UploadItem, UploadState } from "./items";
import { DrillsCatalog } from "./drills-catalog";

const restoreKey = (restoreId: string) => ({ pk: `RESTORE#${restoreId}`, sk: "RESTORE" });
/** Where an environment's restores, or their plans, are listed by the time they were asked for. */
const restoreEntrySk = ({
  planOnly,
  createdAt,
  restoreId,
}: Pick<RestoreItem, "planOnly" | "createdAt" | "restoreId">) =>
  `${planOnly === true ? "PLAN" : "RESTORE"}#${createdAt}#${restoreId}`;
const archiveKey = (archiveId: string) => ({ pk: `ARCHIVE#${archiveId}`, sk: "ARCHIVE" });
const linkKey = ({ archiveId, tokenHash }: Pick<ArchiveLink, "archiveId" | "tokenHash">) => ({
  pk: archiveKey(archiveId).pk,
  sk: `LINK#${tokenHash}`,
});
const uploadKey = (uploadId: string) => ({ pk: `UPLOAD#${uploadId}`, sk: "UPLOAD" });

/** The index holds restores for as long as they are open. */
const OPEN_RESTORE = "OPEN-RESTORE";
/** And those that have completed for as long as the database that they replaced still stands. */
const OLD_DATABASE = "OLD-DATABASE";
/** Their entries in their environments' lists, by the time until which they are kept. */
const RESTORE_ENTRY = "RESTORE-ENTRY";
const RESTORES_A_PAGE = 25;

const oldDatabase = (at: string | null | undefined): { readonly type?: string; readonly sortKey?: string } =>
  typeof at === "string" ? { type: OLD_DATABASE, sortKey: at } : {};

export class RequestsCatalog extends DrillsCatalog {
  // Restores

  /** Throws ConditionFailed when there is a restore of that id. Two writes, one request. */
  async createRestore(restore: RestoreItem): Promise<void> {
    await this.writeRestore(restore, { type: OPEN_RESTORE, sortKey: restore.createdAt });
  }
  /** One that has ended long ago and is listed again. Throws ConditionFailed when there is a restore of that id. */
  async createEndedRestore(restore: RestoreItem): Promise<void> {
    await this.writeRestore(restore, oldDatabase(restore.dropOldAt));
  }
  private async writeRestore(
    restore: RestoreItem,
    index: { readonly type?: string; readonly sortKey?: string },
  ): Promise<void> {
    const { restoreId, targetEnvironmentId, keptUntil } = restore;
    const item = { ...restoreKey(restoreId), ...index, ...restore };
    const entry = {
      pk: environmentPk(targetEnvironmentId),
      sk: restoreEntrySk(restore),
      ...(keptUntil === undefined ? {} : { type: RESTORE_ENTRY, sortKey: keptUntil }),
      restoreId,
    };
    await this.table.transact([
      { kind: "put", item, condition: { absent: true } },
      { kind: "put", item: entry },
    ]);
  }
  async getRestore(restoreId: string): Promise<RestoreItem | undefined> {
    return this.read(restoreKey(restoreId));
  }
  async updateRestore(restoreId: string, change: Partial<RestoreItem>): Promise<void> {
    const hasEnded = change.state === "completed" || change.state === "failed" || change.dropOldAt === null;
    const left = oldDatabase(change.dropOldAt);
    await this.table.update(restoreKey(restoreId), {
      set: { ...change, ...left },
      ...(hasEnded && left.type === undefined ? { remove: ["type", "sortKey"] } : {}),
    });
  }
  /** Completed restores whose old database is to be tried again by `now`, the longest overdue first. */
  async listOldDatabases(now: Date, cursor?: string): Promise<Page<RestoreItem>> {
    return page(
      await this.table.queryType(OLD_DATABASE, {
        upTo: isoSeconds(now),
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
  }
  /** Restores that are queued or running, oldest first. */
  async listOpenRestores(cursor?: string): Promise<Page<RestoreItem>> {
    return page(await this.table.queryType(OPEN_RESTORE, cursor === undefined ? {} : { cursor }));
  }

  /** Restores into an environment, newest first, without those that were only planned. One request and one a restore. */
  async listRestores(targetEnvironmentId: string, cursor?: string): Promise<Page<RestoreItem>> {
    const entries = await this.table.query(environmentPk(targetEnvironmentId), {
      skPrefix: "RESTORE#",
      descending: true,
      limit: RESTORES_A_PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const restores = await Promise.all(entries.items.map(({ restoreId }) => this.getRestore(restoreId as string)));
    // An entry outlives its restore by one request of whoever sweeps.
    const items = restores.filter((restore) => restore !== undefined);
    return { items, ...(entries.cursor === undefined ? {} : { cursor: entries.cursor }) };
  }
  /** Ids of restores, and of plans, that are kept no longer than `now`: the longest overdue first. */
  async listForgottenRestores(now: Date, cursor?: string): Promise<Page<string>> {
    const found = await this.table.queryType(RESTORE_ENTRY, {
      upTo: isoSeconds(now),
      ...(cursor === undefined ? {} : { cursor }),
    });
    const items = found.items.map(({ restoreId }) => restoreId as string);
    return { items, ...(found.cursor === undefined ? {} : { cursor: found.cursor }) };
  }
  /** The restore and its entry in its environment's list. One request. */
  async deleteRestore(restore: RestoreItem): Promise<void> {
    await this.table.transact([
      { kind: "delete", key: restoreKey(restore.restoreId) },
      { kind: "delete", key: { pk: environmentPk(restore.targetEnvironmentId), sk: restoreEntrySk(restore) } },
    ]);
  }

  // Archives and their links

  async createArchive(archive: ArchiveItem): Promise<void> {
    await this.table.put(
      { ...archiveKey(archive.archiveId), type: "ARCHIVE", sortKey: archive.createdAt, ...archive },
      { absent: true },
    );
  }
  async getArchive(archiveId: string): Promise<ArchiveItem | undefined> {
    return this.read(archiveKey(archiveId));
  }
  /** Throws ConditionFailed when the archive is absent or not in one of `states`. */
  async updateArchive(
    archiveId: string,
    change: Partial<ArchiveItem>,
    states?: readonly RestoreState[],
  ): Promise<void> {
    const condition = states === undefined ? { exists: true } : { oneOf: { state: states } };
    await this.table.update(archiveKey(archiveId), { set: change }, condition);
  }
  /** Archives created up to a time, oldest first. */
  async listArchives(upTo: Date, cursor?: string): Promise<Page<ArchiveItem>> {
    return page(
      await this.table.queryType("ARCHIVE", { upTo: isoSeconds(upTo), ...(cursor === undefined ? {} : { cursor }) }),
    );
  }
  async deleteArchive(archiveId: string): Promise<void> {
    await this.table.delete(archiveKey(archiveId));
  }
  async putArchiveLink(link: ArchiveLink): Promise<void> {
    await this.table.put({ ...linkKey(link), ...link });
  }
  async getArchiveLink(link: Pick<ArchiveLink, "archiveId" | "tokenHash">): Promise<ArchiveLink | undefined> {
    return this.read(linkKey(link));
  }
  async listArchiveLinks(archiveId: string, cursor?: string): Promise<Page<ArchiveLink>> {
    return page(
      await this.table.query(archiveKey(archiveId).pk, {
        skPrefix: "LINK#",
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
  }
  async deleteArchiveLink(link: Pick<ArchiveLink, "archiveId" | "tokenHash">): Promise<void> {
    await this.table.delete(linkKey(link));
  }

  // Uploads

  async createUpload(upload: UploadItem): Promise<void> {
    await this.table.put(
      { ...uploadKey(upload.uploadId), type: "UPLOAD", sortKey: upload.createdAt, ...upload },
      { absent: true },
    );
  }
  async getUpload(uploadId: string): Promise<UploadItem | undefined> {
    return this.read(uploadKey(uploadId));
  }
  /** Throws ConditionFailed when the upload is absent or not in one of `states`. */
  async updateUpload(uploadId: string, change: Partial<UploadItem>, states?: readonly UploadState[]): Promise<void> {
    const condition = states === undefined ? { exists: true } : { oneOf: { state: states } };
    await this.table.update(uploadKey(uploadId), { set: change }, condition);
  }
  /** Uploads created up to a time, oldest first. */
  async listUploads(upTo: Date, cursor?: string): Promise<Page<UploadItem>> {
    return page(
      await this.table.queryType("UPLOAD", { upTo: isoSeconds(upTo), ...(cursor === undefined ? {} : { cursor }) }),
    );
  }
  async deleteUpload(uploadId: string): Promise<void> {
    await this.table.delete(uploadKey(uploadId));
  }
}
