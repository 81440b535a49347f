/**
 * Build: puts the archive together as far as the time allows, and goes on with what an earlier call has stored.
 * Repeatable at every request; the finished object itself says that the archive is complete. An object of the snapshot
 * that the primary bucket can't give is read from the replica, and the upload begun anew.
 */
import type { ArchiveItem } from "../catalog/items";
import { openSnapshot } from "../restore/open-snapshot";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { complete, hasEnded, loadArchive, output } from "./archive-state";
import { buildGzip } from "./build-gzip";
import { sizeOf } from "./commit-upload";
import type { ArchiveOutput } from "./contract";
import { PART_LIMITS, type PartLimits } from "./part-plan";
import { singleStream } from "./single-stream";
import { storeStream } from "./store-stream";

/**
 * The largest dump or file that the function inflates: at 20 MB a second, a third of what one core does, 8 GiB take
 * 430 of its 900 seconds. Larger ones are the database task's, which has no such limit.
 */
export const FUNCTION_BYTES = 8 * 1024 ** 3;

export type BuildCollaborators = Omit<Collaborators, "workflows" | "tasks" | "notifier" | "random">;
export interface BuildOptions {
  /** @default PART_LIMITS */
  readonly limits?: PartLimits;
  /** @default FUNCTION_BYTES */
  readonly functionBytes?: number;
}

export const build = async (
  collaborators: BuildCollaborators,
  input: { readonly archiveId: string },
  options: BuildOptions = {},
): Promise<ArchiveOutput> => {
  const archive = await loadArchive(collaborators, input.archiveId);
  if (hasEnded(archive)) return output("done");
  const target = { bucket: collaborators.settings.TRANSFER_BUCKET, key: archive.key };
  const standing = await sizeOf(collaborators.store, target);
  if (standing !== undefined) {
    await complete(collaborators, archive, standing);
    return output("done");
  }
  const { environmentId: sourceEnvironmentId, snapshotId, dataType } = archive;
  const snapshot = await openSnapshot(collaborators, { sourceEnvironmentId, snapshotId });
  const stream = await singleStream(archive, snapshot);
  if (stream !== undefined) {
    if (stream.inflated > (options.functionBytes ?? FUNCTION_BYTES)) return handToTask(collaborators, archive);
    await complete(collaborators, archive, await storeStream(collaborators, archive, snapshot, stream));
    return output("done");
  }
  const limits = options.limits ?? PART_LIMITS;
  const built = await buildGzip(collaborators, { archive, dataType, target, snapshot, limits });
  if (built.outcome === "more") return output("more");
  await complete(collaborators, archive, built.size);
  return output("done");
};

const handToTask = async ({ catalog }: BuildCollaborators, archive: ArchiveItem): Promise<ArchiveOutput> => {
  const environment = await catalog.getEnvironment(archive.environmentId);
  if (environment === undefined) {
    throw new ServiceFailure(
      "EnvironmentNotFound",
      `Environment ${archive.environmentId} is no longer registered: register it again, then ask anew.`,
      false,
    );
  }
  const { subnets, securityGroups, publicAddress } = environment.registration.network;
  const network = { subnets, securityGroups, assignPublicIp: publicAddress ? "ENABLED" : "DISABLED" } as const;
  return { outcome: "task", network, message: "" };
};
