/**
 * After the catalog was lost: the drill target and earlier drills come back from their records, before a new drill would
 * write a record without them (I6). Writes only where the catalog has nothing; safe to repeat.
 */
import type { DrillTarget } from "../catalog/drills";
import { readDrillsRecord, readDrillTargetRecord } from "../catalog/records";
import type { Collaborators } from "../runtime/collaborators";
import { newDrill } from "./new-drill";

type RecallCollaborators = Pick<Collaborators, "catalog" | "store" | "settings">;

export const recallTarget = async (collaborators: RecallCollaborators): Promise<DrillTarget | undefined> => {
  const { catalog } = collaborators;
  const known = await catalog.getDrillTarget();
  if (known !== undefined) return known;
  const recorded = await readDrillTargetRecord(collaborators);
  if (recorded !== undefined) await catalog.putDrillTarget(recorded);
  return recorded;
};

export const recallDrills = async (collaborators: RecallCollaborators, environmentId: string): Promise<void> => {
  const { catalog } = collaborators;
  const { items } = await catalog.listDrills(environmentId);
  const environment = await catalog.getEnvironment(environmentId);
  if (environment === undefined || items.some(({ state }) => state === "completed")) return;
  for (const result of await readDrillsRecord(environment, collaborators)) {
    const { files, ...facts } = result;
    const blank = newDrill(result, new Date(result.createdAt));
    await catalog.createDrill({
      ...blank,
      ...facts,
      state: "completed",
      updatedAt: result.finishedAt,
      files: { ...blank.files, ...files, done: true },
    });
  }
};
