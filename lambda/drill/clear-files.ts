/**
 * Removes every object and unfinished upload of drills from the transfer bucket: there is one drill at a time, so what
 * stands there is its own, or was left behind. Repeatable; hands back before its time runs out.
 */
import { DRILL_LEASE } from "../catalog/drills";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { DRILLS_PREFIX } from "../storage/object-keys";
import type { MultipartListOptions } from "../storage/object-store";
import { removeObjects } from "../storage/remove-objects";
import { HAND_BACK_MS, output, requireDrillLease } from "./drill-state";
import type { DrillOutput } from "./contract";

type ClearCollaborators = Pick<Collaborators, "settings" | "catalog" | "store" | "remainingMs">;

export const clearFiles = async (
  { executionArn }: { readonly executionArn: string },
  collaborators: ClearCollaborators,
): Promise<DrillOutput> => {
  const { catalog } = collaborators;
  const state = await catalog.getDrillState();
  const token = state?.leaseToken ?? null;
  await requireOurs(collaborators, token, executionArn);
  if (!(await clearObjects(collaborators)) || !(await abortUploads(collaborators))) return output("more");
  if (token !== null) await catalog.updateDrillState(token, { filesClear: true });
  return output("done");
};

const requireOurs = async (
  collaborators: ClearCollaborators,
  token: string | null,
  executionArn: string,
): Promise<void> => {
  await requireDrillLease(collaborators, token);
  // Checked here as well as by token: the state may be an earlier drill's whose lease was taken over.
  const lease = await collaborators.catalog.getLease(DRILL_LEASE);
  if (lease?.executionArn === executionArn) return;
  throw new ServiceFailure(
    "LeaseLost",
    "Another drill has the drill target by now; this one does nothing more.",
    false,
  );
};

const clearObjects = async ({ store, settings, remainingMs }: ClearCollaborators): Promise<boolean> => {
  const bucket = settings.TRANSFER_BUCKET;
  for (;;) {
    if (remainingMs() < HAND_BACK_MS) return false;
    const page = await store.list(bucket, { prefix: DRILLS_PREFIX });
    if (page.objects.length === 0) return true;
    const refused = await removeObjects(
      store,
      bucket,
      page.objects.map(({ key }) => ({ key })),
    );
    const [first] = refused;
    if (first === undefined) continue;
    throw new ServiceFailure(
      "ClearRefused",
      `${refused.length} files of a drill can't be removed from bucket ${bucket}, such as ${first.key} (${first.code}: ${first.message}): allow it.`,
      true,
    );
  }
};

const abortUploads = async ({ store, settings, remainingMs }: ClearCollaborators): Promise<boolean> => {
  const bucket = settings.TRANSFER_BUCKET;
  let options: MultipartListOptions | undefined = { prefix: DRILLS_PREFIX };
  while (options !== undefined) {
    if (remainingMs() < HAND_BACK_MS) return false;
    const page = await store.listMultiparts(bucket, options);
    for (const { key, uploadId } of page.uploads) await store.abortMultipart({ bucket, key }, uploadId);
    options = page.next === undefined ? undefined : { prefix: DRILLS_PREFIX, ...page.next };
  }
  return true;
};
