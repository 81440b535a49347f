/** The sample environments, and what changes in them between the nights. */
import { changeSample, createSample, type SampleOptions } from "../environments/sample-environment";
import type { LocalEnvironment } from "../environments/environment";
import { planFiles, sampleUuid, type SampleFile } from "../environments/sample-files";
import { s3Client } from "../gateway/upstream-store";

export interface Samples {
  readonly source: LocalEnvironment;
  readonly target: LocalEnvironment;
  /** Changes the source; `number` counts the changes. */
  change(number: number): Promise<string>;
}
export type SampleSurroundings = Pick<
  SampleOptions,
  "region" | "account" | "postgres" | "s3" | "moto" | "tag" | "onBucket"
> & {
  readonly seed: string;
  readonly files: number;
  /** Of the source's tables. @default 4000 */
  readonly scale?: number;
};

/** One in a hundred files changes between two nights. */
const CHANGED_SHARE = 0.01;

export const createSamples = async ({
  seed,
  files: count,
  scale: rows = 4000,
  ...surroundings
}: SampleSurroundings): Promise<Samples> => {
  const files = planFiles(`${seed} production`, count, count >= 500);
  const own = planFiles(`${seed} acceptance`, 40, false);
  const make = (
    environmentId: string,
    scale: number,
    given: Pick<SampleOptions, "files" | "unnamed" | "missing">,
  ): Promise<LocalEnvironment> =>
    createSample({ ...surroundings, environmentId, appId: "shop", seed: `${seed} ${environmentId}`, scale, ...given });
  const source = await make("production", rows, {
    files,
    unnamed: planFiles(`${seed} unnamed`, 5, false),
    missing: [sampleUuid(`${seed} missing 1`), sampleUuid(`${seed} missing 2`)],
  });
  // The copy of an older production: some files are there already, the others are to go.
  const target = await make("acceptance", 300, {
    files: [...files.slice(4, 19), ...own.slice(0, 34)],
    unnamed: own.slice(34),
    missing: [],
  });
  const client = s3Client(surroundings.s3, surroundings.region);
  const change = async (number: number): Promise<string> => {
    const changed = Math.max(2, Math.round(count * CHANGED_SHARE));
    const add: readonly SampleFile[] = planFiles(`${seed} change ${number}`, changed, false);
    const remove = files.slice(50 + number * changed, 50 + (number + 1) * changed);
    await changeSample({ environment: source, seed: `${seed} change ${number}`, add, remove }, client);
    return `${add.length} files came, ${remove.length} went; rows were added, changed and deleted`;
  };
  return { source, target, change };
};
