/** An environment's drills as users are shown them, and why there may be none. Only reads. */
import { NO_DRILL_TARGET } from "../catalog/drills";
import type { Collaborators } from "../runtime/collaborators";
import { type PublicDrill, publicDrillOf } from "./public-drill";

export interface DescribedDrills {
  /** Newest first. */
  readonly drills: readonly PublicDrill[];
  /** The newest that has ended. */
  readonly last: PublicDrill | null;
  /** One sentence; null where drills are held. */
  readonly message: string | null;
}

/** `limit`: how far back it is looked. */
export const describeDrills = async (
  { catalog }: Pick<Collaborators, "catalog">,
  environmentId: string,
  limit?: number,
): Promise<DescribedDrills> => {
  const [{ items }, target] = await Promise.all([
    catalog.listDrills(environmentId, undefined, limit),
    catalog.getDrillTarget(),
  ]);
  const drills = items.map(publicDrillOf);
  return {
    drills,
    last: drills.find(({ state }) => state === "completed") ?? null,
    message: target === undefined ? NO_DRILL_TARGET : null,
  };
};
