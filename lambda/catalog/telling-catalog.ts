/**
 * The catalog of the running service: whatever changes a state is told to the event bus once the write has succeeded,
 * by whichever function made it. So no state changes unheard, and no handler has to think of it. Telling never fails a
 * write; a process that dies between the write and its event leaves the event unsent, and a repeated step that writes
 * again tells again.
 */
import type { EventDetail } from "../observability/event-contract";
import { isHeld } from "../restore/acknowledgement";
import { isExpired } from "../rules/retention-calendar";
import type { Clock, Events } from "../runtime/collaborators";
import { Catalog } from "./catalog";
import type { CatalogTable } from "./catalog-table";
import type {
  ArchiveItem,
  EnvironmentItem,
  RestoreItem,
  RestoreState,
  SnapshotItem,
  SnapshotState,
  UploadItem,
  UploadState,
} from "./items";

type SnapshotTold = EventDetail<"Snapshot State Change">["state"];

export class TellingCatalog extends Catalog {
  constructor(
    table: CatalogTable,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {
    super(table);
  }

  // Environments

  override async createEnvironment(environment: EnvironmentItem): Promise<void> {
    await super.createEnvironment(environment);
    await this.tellEnvironment(environment.environmentId, { registration: environment.registration });
  }
  override async updateEnvironment(environmentId: string, change: Partial<EnvironmentItem>): Promise<void> {
    await super.updateEnvironment(environmentId, change);
    await this.tellEnvironment(environmentId, change);
  }
  private async tellEnvironment(environmentId: string, change: Partial<EnvironmentItem>): Promise<void> {
    const states = [
      ...(change.registration === undefined ? [] : (["registered"] as const)),
      ...(change.running === undefined ? [] : ([change.running ? "started" : "stopped"] as const)),
    ];
    await this.events.publishAll(
      states.map((state) => ({ type: "Environment State Change", detail: { environmentId, state } })),
    );
  }

  // Snapshots

  override async createSnapshot(snapshot: SnapshotItem): Promise<void> {
    await super.createSnapshot(snapshot);
    await this.tellSnapshot(snapshot.state, snapshot);
  }
  override async completeSnapshot(
    snapshot: SnapshotItem,
    environment: Partial<EnvironmentItem>,
    leaseToken: string,
  ): Promise<void> {
    await super.completeSnapshot(snapshot, environment, leaseToken);
    await this.tellSnapshot("completed", snapshot);
  }
  override async updateSnapshot(
    environmentId: string,
    snapshotId: string,
    change: Partial<SnapshotItem>,
    states?: readonly SnapshotState[],
  ): Promise<void> {
    await super.updateSnapshot(environmentId, snapshotId, change, states);
    const told = snapshotStates(change);
    if (told.length === 0) return;
    const standing = await this.look(() => this.getSnapshot(environmentId, snapshotId));
    const snapshot = { environmentId, snapshotId, ...standing, ...change };
    for (const state of told) await this.tellSnapshot(state, snapshot);
  }
  override async deleteSnapshot(environmentId: string, snapshotId: string): Promise<void> {
    const standing = await this.look(() => this.getSnapshot(environmentId, snapshotId));
    await super.deleteSnapshot(environmentId, snapshotId);
    // Deleted before: this is a repeated step, whose first run has told it.
    if (standing === undefined) return;
    await this.tellSnapshot(isExpired(standing.expiresAt, this.clock.now()) ? "expired" : "deleted", standing);
  }
  private async tellSnapshot(
    state: SnapshotTold,
    snapshot: Pick<SnapshotItem, "environmentId" | "snapshotId"> & Partial<SnapshotItem>,
  ): Promise<void> {
    const { environmentId, snapshotId, tier, expiresAt, statusMessage } = snapshot;
    await this.events.publish("Snapshot State Change", {
      environmentId,
      snapshotId,
      state,
      ...(tier === undefined ? {} : { tier }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(state === "failed" && statusMessage !== undefined ? { reason: statusMessage } : {}),
    });
  }

  // Restores. One that is only planned changes nothing, and is not told.

  override async createRestore(restore: RestoreItem): Promise<void> {
    await super.createRestore(restore);
    await this.tellRestore(restore);
  }
  override async updateRestore(restoreId: string, change: Partial<RestoreItem>): Promise<void> {
    await super.updateRestore(restoreId, change);
    if (change.state === undefined) return;
    const standing = await this.look(() => this.getRestore(restoreId));
    if (standing !== undefined) await this.tellRestore({ ...standing, ...change });
  }
  private async tellRestore(restore: RestoreItem): Promise<void> {
    if (restore.planOnly === true) return;
    const { restoreId, snapshotId, state, targetEnvironmentId: environmentId } = restore;
    await this.events.publish("Restore State Change", {
      environmentId,
      restoreId,
      snapshotId,
      ...(isHeld(restore) ? { state: "waiting", reason: restore.statusMessage } : { state, ...reasonOf(restore) }),
    });
  }

  // Archives

  override async createArchive(archive: ArchiveItem): Promise<void> {
    await super.createArchive(archive);
    await this.tellArchive(archive);
  }
  override async updateArchive(
    archiveId: string,
    change: Partial<ArchiveItem>,
    states?: readonly RestoreState[],
  ): Promise<void> {
    await super.updateArchive(archiveId, change, states);
    if (change.state === undefined) return;
    const standing = await this.look(() => this.getArchive(archiveId));
    if (standing !== undefined) await this.tellArchive({ ...standing, ...change });
  }
  private async tellArchive(archive: ArchiveItem): Promise<void> {
    const { archiveId, environmentId, snapshotId, state } = archive;
    await this.events.publish("Archive State Change", {
      environmentId,
      archiveId,
      snapshotId,
      state,
      ...reasonOf(archive),
    });
  }

  // Uploads

  override async createUpload(upload: UploadItem): Promise<void> {
    await super.createUpload(upload);
    await this.tellUpload(upload);
  }
  override async updateUpload(
    uploadId: string,
    change: Partial<UploadItem>,
    states?: readonly UploadState[],
  ): Promise<void> {
    await super.updateUpload(uploadId, change, states);
    if (change.state === undefined) return;
    const standing = await this.look(() => this.getUpload(uploadId));
    if (standing !== undefined) await this.tellUpload({ ...standing, ...change });
  }
  override async deleteUpload(uploadId: string): Promise<void> {
    const standing = await this.look(() => this.getUpload(uploadId));
    await super.deleteUpload(uploadId);
    if (standing?.state === "open") await this.tellUpload(standing, "aborted");
  }
  private async tellUpload(
    upload: UploadItem,
    state: EventDetail<"Upload State Change">["state"] = upload.state,
  ): Promise<void> {
    const { uploadId, environmentId, snapshotId } = upload;
    await this.events.publish("Upload State Change", {
      environmentId,
      uploadId,
      snapshotId,
      state,
      ...reasonOf(upload),
    });
  }

  /** What an event only says besides must not fail a write. */
  private async look<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
    return read().catch(() => undefined);
  }
}

/** What a change makes of a snapshot; an expiry that moves by itself was put off. */
const snapshotStates = (change: Partial<SnapshotItem>): readonly SnapshotTold[] => [
  ...(change.state === undefined ? [] : [change.state]),
  ...(typeof change.replicatedAt === "string" && change.state === undefined ? (["replicated"] as const) : []),
  ...(change.expiresAt !== undefined && change.state === undefined ? (["kept"] as const) : []),
];

const reasonOf = ({ state, statusMessage }: { readonly state: string; readonly statusMessage: string }) =>
  state === "failed" && statusMessage !== "" ? { reason: statusMessage } : {};
