/** A catalog that is lost and rebuilt, and what of it is compared. */
import type { Item } from "../../lambda/catalog/catalog-table";
import { type Compared, compareCatalog, rebuildCatalog } from "../../lambda/catalog-rebuild/rebuild";
import type { ObjectCheck, RebuildFinding, RebuildSource } from "../../lambda/catalog-rebuild/contract";
import type { Difference } from "../../lambda/catalog-rebuild/compare";
import { primarySide, replicaSide } from "../../lambda/retention/inventory";
import { isExpired } from "../../lambda/rules/retention-calendar";
import type { FakeCollaborators } from "../support/collaborators";

export const sourceOf = (world: FakeCollaborators, check: ObjectCheck = "head"): RebuildSource => ({
  sides: [primarySide(world), replicaSide(world)],
  check,
  now: world.clock.now(),
});

export interface Outcome {
  readonly differences: readonly Difference[];
  readonly findings: readonly RebuildFinding[];
}
const collect = async (all: AsyncIterable<Compared>): Promise<Outcome> => {
  const differences: Difference[] = [];
  const findings: RebuildFinding[] = [];
  for await (const compared of all) {
    differences.push(...compared.differences);
    findings.push(...compared.findings);
  }
  return { differences, findings };
};
export const rebuild = (world: FakeCollaborators, source = sourceOf(world)): Promise<Outcome> =>
  collect(rebuildCatalog(source, world.catalog));
export const compare = (world: FakeCollaborators, source = sourceOf(world)): Promise<Outcome> =>
  collect(compareCatalog(source, world.catalog));

/** Running state, which nobody misses: see "What is not kept" in docs/data-format.md. */
const isRunningState = ({ pk, sk, planOnly }: Item): boolean =>
  /^(ATTEMPT|NIGHT|ARCHIVE|UPLOAD|CENSUS|PLACES|GAUGES|TASK-IMAGE)/.test(pk) ||
  /^(LEASE|PIN#|SWEEP|PLAN#)/.test(sk) ||
  planOnly === true;

/** What the table holds and has to hold again: everything that users see or rules need. */
export const lasting = (world: FakeCollaborators): readonly Item[] =>
  world.table
    .all()
    .filter((item) => !isRunningState(item))
    // Gone for every user, whether or not retention has been here.
    .filter(({ type, sortKey }) => type !== "SNAPSHOT" || !isExpired(sortKey ?? "", world.clock.now()));
