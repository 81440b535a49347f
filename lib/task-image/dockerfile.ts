/** The lines of the database task's Dockerfile that are renewed: which base it stands on, and since when. Pure. */

export interface Base {
  /** What is looked up: `node:24-trixie-slim`. */
  readonly image: string;
  /** `sha256:…`, of the index of all architectures. */
  readonly digest: string;
  /** Day on which the image had this digest, `2026-10-04`. */
  readonly refreshed: string;
}

/** `--build-arg`: major versions, separated by commas. */
export const MAJORS_ARGUMENT = "POSTGRESQL_MAJORS";

const FROM = /^FROM (\S+:\S+)@(sha256:[0-9a-f]{64})$/m;
const REFRESHED = /^ENV IMAGE_REFRESHED=(\d{4}-\d{2}-\d{2})$/m;

/** Throws an Error when the lines are not there. */
export const readBase = (dockerfile: string): Base => {
  const [, image, digest] = FROM.exec(dockerfile) ?? [];
  const [, refreshed] = REFRESHED.exec(dockerfile) ?? [];
  if (image === undefined || digest === undefined || refreshed === undefined)
    throw new Error("The Dockerfile lacks FROM <image>:<tag>@sha256:<digest> or ENV IMAGE_REFRESHED=<day>.");
  return { image, digest, refreshed };
};

export const writeBase = (dockerfile: string, { image, digest, refreshed }: Base): string => {
  readBase(dockerfile);
  return dockerfile.replace(FROM, `FROM ${image}@${digest}`).replace(REFRESHED, `ENV IMAGE_REFRESHED=${refreshed}`);
};
