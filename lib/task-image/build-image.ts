/**
 * Renews the database task's image: looks up the base's digest and writes it, with the day, into the Dockerfile. Where a
 * stage names a ready-made image, it is built from scratch, pushed to every region that runs it, and its digest written
 * into the stage's file. Safe to repeat: until the last step the stage names the image it had.
 *
 * https://docs.docker.com/reference/cli/docker/buildx/build/ and …/buildx/imagetools/inspect/
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stage } from "../config/load-configuration";
import { BuildImageError } from "./build-image-error";
import { MAJORS_ARGUMENT, readBase, writeBase } from "./dockerfile";
import { inRegion, repositoryOf } from "./image-reference";
import { ensureRepository } from "./image-repository";
import type { RunProgram } from "./run-program";

export interface BuildImageOptions {
  readonly stage: Pick<Stage, "stage" | "rows" | "databaseTask">;
  /** `123456789012.dkr.ecr.{region}.amazonaws.com/NAME`. @default that of the stage's image */
  readonly repository?: string | undefined;
  readonly dockerfile: string;
  /** The stage's file. */
  readonly configuration: string;
  /** Bundles the programs and the Dockerfile as it then is; returns their folder. */
  readonly bundle: () => string;
  /** For what docker writes about the build. */
  readonly scratch: string;
  readonly run: RunProgram;
  readonly now: Date;
  readonly say: (line: string) => void;
}

/** Throws BuildImageError, with one sentence. */
export const buildImage = (options: BuildImageOptions): void => {
  const { stage, say } = options;
  const repository = options.repository ?? ownRepository(stage.databaseTask.image);
  renewBase(options);
  if (repository === undefined) {
    say(`The stage ${stage.stage} names no image: its next "cdk deploy" builds and pushes it. Commit the Dockerfile.`);
    return;
  }
  const regions = regionsOf(stage, repository);
  const tag = options.now.toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "");
  for (const region of regions) {
    const found = ensureRepository(inRegion(repository, region), options.run);
    if (found === "made") say(`Made the repository ${inRegion(repository, region)}.`);
  }
  const digest = buildAndPush(options, [...new Set(regions.map((region) => `${inRegion(repository, region)}:${tag}`))]);
  const image = `${repository}:${tag}@${digest}`;
  say(`Pushed ${image}.`);
  pin(options, image);
};

const ownRepository = (image: string | undefined): string | undefined =>
  image === undefined ? undefined : repositoryOf(image);

/** Where tasks run, recoveries among them; one place where the repository has a region of its own. */
const regionsOf = ({ rows }: Pick<Stage, "rows">, repository: string): readonly string[] => {
  if (!repository.includes("{region}")) return [""];
  return [...new Set(rows.flatMap((row) => [row.region, row.replication.region]))].toSorted();
};

const renewBase = ({ dockerfile, run, now, say }: BuildImageOptions): void => {
  const text = readFileSync(dockerfile, "utf8");
  const base = readBase(text);
  const digest = lookUp(base.image, run);
  const refreshed = now.toISOString().slice(0, 10);
  writeFileSync(dockerfile, writeBase(text, { ...base, digest, refreshed }));
  say(
    `${base.image} is ${digest}${digest === base.digest ? ", as before" : ""}; the Dockerfile says so since ${refreshed}.`,
  );
};

const PLATFORMS = { arm64: "linux/arm64", x86_64: "linux/amd64" } as const;

/** Of the index of all architectures, so that a stage may choose another one. */
const lookUp = (image: string, run: RunProgram): string => {
  const answer = run("docker", ["buildx", "imagetools", "inspect", image, "--format", "{{json .Manifest}}"]);
  const { digest, manifests = [] } = parsed(answer) as {
    digest?: string;
    manifests?: readonly { platform?: { os?: string; architecture?: string } }[];
  };
  const there = new Set(manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`));
  const missing = Object.values(PLATFORMS).filter((platform) => !there.has(platform));
  if (digest === undefined || !/^sha256:[0-9a-f]{64}$/.test(digest) || missing.length > 0)
    throw new BuildImageError(
      `The registry's answer about ${image} has no digest for ${missing.length > 0 ? missing.join(" and ") : "all architectures"}; choose a base in the Dockerfile that has both.`,
    );
  return digest;
};

const parsed = (answer: string): unknown => {
  try {
    return JSON.parse(answer);
  } catch (error) {
    throw new BuildImageError(`docker answered no JSON: ${answer.slice(0, 200)}`, { cause: error });
  }
};

/** One build for all places, so that one digest names it in each. */
const buildAndPush = ({ stage, bundle, scratch, run, say }: BuildImageOptions, tags: readonly string[]): string => {
  const { architecture, postgresqlMajors } = stage.databaseTask;
  say(`Building for ${PLATFORMS[architecture]} and pushing to ${tags.length} place(s); that takes minutes.`);
  const metadata = join(scratch, "metadata.json");
  run("docker", [
    "buildx",
    "build",
    "--pull",
    "--no-cache",
    "--platform",
    PLATFORMS[architecture],
    "--provenance=false",
    "--build-arg",
    `${MAJORS_ARGUMENT}=${postgresqlMajors.join(",")}`,
    ...tags.flatMap((tag) => ["--tag", tag]),
    "--push",
    "--metadata-file",
    metadata,
    bundle(),
  ]);
  const { "containerimage.digest": digest } = parsed(readFileSync(metadata, "utf8")) as Record<string, unknown>;
  if (typeof digest === "string" && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
  throw new BuildImageError("docker buildx did not say which digest it has pushed; update it to a version that does.");
};

/** In the stage's file, where it names an image already; else somebody has to choose to. */
const pin = ({ stage, configuration, say }: BuildImageOptions, image: string): void => {
  const text = readFileSync(configuration, "utf8");
  const old = stage.databaseTask.image;
  if (old === undefined || text.split(JSON.stringify(old)).length !== 2) {
    say(
      `Write it into databaseTask of config/${stage.stage}.json, commit and deploy:\n  "image": ${JSON.stringify(image)},`,
    );
    return;
  }
  writeFileSync(
    configuration,
    text.replace(JSON.stringify(old), () => JSON.stringify(image)),
  );
  say(`config/${stage.stage}.json names it. Commit it with the Dockerfile, and deploy.`);
};
