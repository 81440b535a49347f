/**
 * Whether templates are those of the stage that is reviewed: others would be compared with its reviewed state, and a list
 * of losses be the answer. Pure.
 */
import type { Stage } from "../config/load-configuration";
import { stackLabel } from "../names";
import { replicaPlaces } from "../regions/replica-places";
import { replicaStackId } from "../service-app";
import { serviceRegion } from "../service-region";
import type { FoundStack } from "./read-assembly";
import { ReviewError } from "./review-error";

/** As lib/service-app.ts describes its stacks. */
const STAGE_OF = /^Nightly backups of .+ \(([\w-]+)\)/;

/** Throws ReviewError with what `folder` holds instead, and how to make what is wanted. */
export const checkAssembly = (folder: string, found: readonly FoundStack[], stage: Stage): void => {
  const mend = `make them with: npm run synth --${stage.stage === "default" ? " -c stage=default" : ` -c stage=${stage.stage}`}`;
  const refuse = (problem: string): never => {
    throw new ReviewError(`${problem}; ${mend}`);
  };
  if (found.length === 0) refuse(`${folder} holds no stack`);
  const recovery = found.find(({ id }) => id.startsWith("Recovery-"));
  if (recovery !== undefined)
    refuse(`${folder} holds ${recovery.id}, which recovers a lost region, and not the stage ${stage.stage}`);
  for (const { template } of found) {
    const { Description } = template as { readonly Description?: unknown };
    const other = STAGE_OF.exec(typeof Description === "string" ? Description : "")?.[1];
    if (other !== undefined && other !== stage.stage)
      refuse(`The templates in ${folder} are those of stage ${other}, and stage ${stage.stage} is reviewed`);
  }
  const expected = new Map(
    stage.rows.flatMap((row) => {
      const label = stackLabel(row.name);
      const { names } = serviceRegion(stage, row);
      return [
        [`Primary-${label}`, names.stack("primary")] as const,
        ...replicaPlaces(row).map((place) => [replicaStackId(label, place), names.stack(place.kind)] as const),
      ];
    }),
  );
  const missing = [...expected.keys()].filter((id) => !found.some((stack) => stack.id === id));
  if (missing.length > 0)
    refuse(
      `The templates in ${folder} are of another configuration of stage ${stage.stage}, or not all there: ${some(missing)} ${missing.length === 1 ? "is" : "are"} missing`,
    );
  const strange = found.filter(({ id, stackName }) => expected.get(id) !== stackName);
  if (strange.length > 0)
    refuse(
      `The templates in ${folder} are of another configuration of stage ${stage.stage}: ${some(strange.map(({ id, stackName }) => `${id} (${stackName})`))} ${strange.length === 1 ? "is" : "are"} not in it`,
    );
};

const some = (ids: readonly string[]): string =>
  ids.length <= 3 ? ids.join(", ") : `${ids.slice(0, 3).join(", ")} and ${ids.length - 3} more`;
