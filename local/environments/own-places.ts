/**
 * The files of one's own environments against the stage and against each other: what would fail on AWS, or at the end
 * of a long run, is said before it begins. Pure.
 */
import { ACCOUNT_LENGTH } from "../../lib/names";
import { matchesPattern } from "../../lib/config/bucket-patterns";
import type { Stage } from "../../lib/config/load-configuration";
import { SetupFailure } from "../setup/programs";
import type { OwnFile } from "./own-file";

type StagePlaces = Pick<Stage, "stage" | "fileBuckets">;
export interface NamedFile {
  readonly file: string;
  readonly own: OwnFile;
}

/** Of buckets that the run makes: the samples', and the one that a scratch restore fills. */
export const RUN_BUCKETS = {
  samples: ["production", "acceptance"].map((id) => `${id}-${"1".repeat(ACCOUNT_LENGTH)}-files`),
  scratch: `${"9".repeat(ACCOUNT_LENGTH)}-backups-scratch-00000000-files`,
};

/** Throws SetupFailure with one sentence for the first mistake. */
export const checkOwnPlaces = (files: readonly NamedFile[], stage: StagePlaces, region: string): void => {
  const [source, target] = files;
  if (source === undefined) return checkRunBuckets(RUN_BUCKETS.samples, stage);
  for (const { file, own } of files) {
    checkRegion(file, own, region);
    checkBucket(file, own, "read", stage);
  }
  if (target === undefined) return checkScratch(stage);
  checkBucket(target.file, target.own, "write", stage);
  checkDifferent(source, target);
};

const checkBucket = (
  file: string,
  { files }: OwnFile,
  use: "read" | "write",
  { stage, fileBuckets }: StagePlaces,
): void => {
  const patterns = fileBuckets[use];
  if (patterns.some((pattern) => matchesPattern(pattern, files.bucket))) return;
  const what = use === "read" ? "read from" : "restore into";
  throw new SetupFailure(
    `${file}, files.bucket: stage ${stage} may not ${what} "${files.bucket}", which matches none of its fileBuckets.${use} (${patterns.join(", ")}); add a pattern to config/${stage}.json, or choose another stage with --stage.`,
  );
};

const checkRegion = (file: string, own: OwnFile, region: string): void => {
  if (own.region === undefined || own.region === region) return;
  throw new SetupFailure(
    `${file}, region: it is ${own.region}, and the run is of ${region}; remove it, or give --region ${own.region}.`,
  );
};

const checkScratch = ({ stage, fileBuckets }: StagePlaces): void => {
  for (const use of ["read", "write"] as const)
    if (!fileBuckets[use].some((pattern) => matchesPattern(pattern, RUN_BUCKETS.scratch)))
      throw new SetupFailure(
        `The restore would go into a bucket such as "${RUN_BUCKETS.scratch}", which matches none of fileBuckets.${use} in config/${stage}.json (${fileBuckets[use].join(", ")}): name a target of your own as the second file of --environment, or choose another stage with --stage.`,
      );
};

const checkRunBuckets = (buckets: readonly string[], { stage, fileBuckets }: StagePlaces): void => {
  for (const use of ["read", "write"] as const)
    for (const bucket of buckets)
      if (!fileBuckets[use].some((pattern) => matchesPattern(pattern, bucket)))
        throw new SetupFailure(
          `The sample environments' buckets, such as "${bucket}", match none of fileBuckets.${use} in config/${stage}.json (${fileBuckets[use].join(", ")}): choose another stage with --stage, or add the pattern *-files to a copy of it.`,
        );
};

/** A restore into what it reads would replace it. */
const checkDifferent = (source: NamedFile, target: NamedFile): void => {
  const refuse = (place: string, problem: string, mend: string): never => {
    throw new SetupFailure(`${target.file}, ${place}: ${problem} in ${source.file} too; ${mend}.`);
  };
  const [a, b] = [source.own, target.own];
  if (a.environmentId === b.environmentId)
    refuse("environmentId", `it is "${b.environmentId}"`, "give the target a name of its own");
  const [appOfSource, appOfTarget] = [a.appId ?? a.environmentId, b.appId ?? a.appId ?? a.environmentId];
  if (appOfSource !== appOfTarget)
    throw new SetupFailure(
      `${target.file}, appId: it is "${appOfTarget}", and that of ${source.file} is "${appOfSource}"; a restore stays within one app, so give both the same.`,
    );
  const address = ({ database }: OwnFile): string => `${host(database.host)}:${database.port}/${database.name}`;
  if (address(a) === address(b))
    refuse(
      "database",
      `it is the database "${b.database.name}" at ${b.database.host}`,
      "the restore would replace it, so name another",
    );
  if (a.files.bucket === b.files.bucket && overlap(a.files.prefix, b.files.prefix))
    refuse(
      "files",
      `it is the bucket "${b.files.bucket}" with a prefix that overlaps`,
      "the restore would remove the source's files, so name another bucket or prefix",
    );
};

const host = (name: string): string => (name === "localhost" || name === "::1" ? "127.0.0.1" : name.toLowerCase());
const overlap = (one: string, other: string): boolean => one.startsWith(other) || other.startsWith(one);
