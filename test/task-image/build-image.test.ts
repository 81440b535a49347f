/**
 * `npm run build-image`, with a docker and an aws on the PATH that this test plays: what they are asked, in which order,
 * and what stands in the files afterwards, also when one of them fails.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { DATABASE_TASK_DOCKERFILE } from "../../lib/assets/entries";
import { loadStage } from "../../lib/config/load-configuration";
import { buildImage } from "../../lib/task-image/build-image";
import { readBase } from "../../lib/task-image/dockerfile";
import { programRunner } from "../../lib/task-image/run-program";

const PROJECT = join(__dirname, "../..");
const BASE = `sha256:${"ba".repeat(32)}`;
const BUILT = `sha256:${"c0".repeat(32)}`;
const OLD = `sha256:${"0d".repeat(32)}`;
const EVERYWHERE = "123456789012.dkr.ecr.{region}.amazonaws.com/backups-database-task";
const NOW = new Date("2026-11-30T10:15:00Z");
const INDEX = JSON.stringify({
  digest: BASE,
  manifests: ["amd64", "arm64", "s390x", "unknown"].map((architecture) => ({
    platform: { os: "linux", architecture },
  })),
});

let folder: string;
const PATH = process.env["PATH"];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "build-image-test-"));
  mkdirSync(join(folder, "bin"));
  cpSync(join(PROJECT, DATABASE_TASK_DOCKERFILE), join(folder, "Dockerfile"));
  process.env["PATH"] = `${join(folder, "bin")}${delimiter}${PATH}`;
  docker();
  aws();
});
afterEach(() => {
  process.env["PATH"] = PATH;
  rmSync(folder, { recursive: true });
});

const program = (name: string, lines: readonly string[]): void => {
  const file = join(folder, "bin", name);
  writeFileSync(file, ["#!/bin/sh", `echo "${name} $*" >> ${join(folder, "calls")}`, ...lines, ""].join("\n"));
  chmodSync(file, 0o755);
};
interface Docker {
  readonly index?: string;
  readonly metadata?: string;
  /** Shell that runs before anything is answered. */
  readonly first?: string;
}
const docker = ({
  index = INDEX,
  metadata = JSON.stringify({ "containerimage.digest": BUILT }),
  first = "",
}: Docker = {}) =>
  program("docker", [
    first,
    `case "$1 $2" in`,
    `"buildx imagetools") echo '${index}' ;;`,
    `"buildx build") while [ "$1" != "--metadata-file" ]; do shift; done; echo '${metadata}' > "$2" ;;`,
    `"login --username") cat >> ${join(folder, "passwords")} ;;`,
    `esac`,
  ]);
/** The repositories that there are, as `<region>/<name>`. */
const aws = (there: readonly string[] = [], first = "") =>
  program("aws", [
    first,
    `case "$2" in`,
    `describe-repositories) for one in none ${there.join(" ")}; do if [ "$one" = "$4/$6" ]; then exit 0; fi; done`,
    `  echo "An error occurred (RepositoryNotFoundException) when calling DescribeRepositories" >&2; exit 254 ;;`,
    `get-login-password) printf 'password of %s\\n' "$4" ;;`,
    `esac`,
  ]);

interface Given {
  readonly image?: string;
  readonly repository?: string;
  readonly architecture?: "x86_64" | "arm64";
}
const build = ({ image, repository, architecture = "x86_64" }: Given = {}) => {
  const stage = loadStage("default");
  const rows = stage.rows.filter(({ region }) => ["eu-central-1", "eu-west-1"].includes(region));
  const configuration = join(folder, "test.json");
  if (!existsSync(configuration))
    writeFileSync(
      configuration,
      `{\n  // kept\n  "databaseTask": {${image === undefined ? "" : ` "image": ${JSON.stringify(image)}, // and this`}\n}}\n`,
    );
  const said: string[] = [];
  const { image: _image, ...task } = stage.databaseTask;
  buildImage({
    stage: { stage: "test", rows, databaseTask: { ...task, architecture, ...(image === undefined ? {} : { image }) } },
    repository,
    dockerfile: join(folder, "Dockerfile"),
    configuration,
    bundle: () => {
      // The Dockerfile is renewed before it is bundled.
      expect(readBase(readFileSync(join(folder, "Dockerfile"), "utf8")).digest).toBe(BASE);
      return join(folder, "bundled");
    },
    scratch: folder,
    run: programRunner({ ...process.env }),
    now: NOW,
    say: (line) => said.push(line),
  });
  return { said, configuration: readFileSync(configuration, "utf8") };
};
const calls = (): readonly string[] => {
  const file = join(folder, "calls");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
};
const base = () => readBase(readFileSync(join(folder, "Dockerfile"), "utf8"));

test("a stage whose image is built at deployment: base and day are renewed, and nothing is built here", () => {
  const { said } = build();
  expect(base()).toEqual({ image: "node:24-trixie-slim", digest: BASE, refreshed: "2026-11-30" });
  expect(calls()).toEqual(["docker buildx imagetools inspect node:24-trixie-slim --format {{json .Manifest}}"]);
  expect(said.at(-1)).toMatch(/^The stage test names no image: its next "cdk deploy" builds and pushes it/);
});

test("the same base a month later is still a renewal: the packages are another day's", () => {
  writeFileSync(
    join(folder, "Dockerfile"),
    readFileSync(join(folder, "Dockerfile"), "utf8").replace(/sha256:\w{64}/, BASE),
  );
  const { said } = build();
  expect(base()).toMatchObject({ digest: BASE, refreshed: "2026-11-30" });
  expect(said[0]).toContain("as before");
});

test("an image of one's own is built once, from scratch, and pushed to every region that runs or recovers", () => {
  aws(["eu-west-1/backups-database-task"]);
  const { said, configuration } = build({ image: `${EVERYWHERE}:2026-10-04-090000@${OLD}` });
  const regions = ["eu-central-1", "eu-south-1", "eu-west-1", "eu-west-2", "eu-west-3"].filter((region) =>
    calls().some((call) => call.includes(`--region ${region} `)),
  );
  expect(regions).toEqual(
    [
      ...new Set(
        loadStage("default")
          .rows.filter(({ region }) => ["eu-central-1", "eu-west-1"].includes(region))
          .flatMap((row) => [row.region, row.replication.region]),
      ),
    ].toSorted(),
  );
  const tags = regions.map((region) => `--tag ${EVERYWHERE.replace("{region}", region)}:2026-11-30-101500`);
  expect(calls().filter((call) => call.startsWith("docker buildx build"))).toEqual([
    `docker buildx build --pull --no-cache --platform linux/amd64 --provenance=false --build-arg POSTGRESQL_MAJORS=14,15,16,17,18 ${tags.join(" ")} --push --metadata-file ${join(folder, "metadata.json")} ${join(folder, "bundled")}`,
  ]);
  expect(configuration).toBe(
    `{\n  // kept\n  "databaseTask": { "image": "${EVERYWHERE}:2026-11-30-101500@${BUILT}", // and this\n}}\n`,
  );
  // The one that is there stays as it is.
  const made = calls().filter((call) => call.startsWith("aws ecr create-repository"));
  expect(made).toHaveLength(regions.length - 1);
  expect(made.join()).not.toContain("--region eu-west-1 ");
  for (const call of made)
    expect(call).toMatch(
      /--repository-name backups-database-task --image-tag-mutability IMMUTABLE --image-scanning-configuration scanOnPush=true/,
    );
  expect(said.filter((line) => line.startsWith("Made the repository"))).toHaveLength(made.length);
  // Passwords go through standard input: arguments are seen by everyone on the machine.
  expect(readFileSync(join(folder, "passwords"), "utf8").trim().split("\n")).toEqual(
    regions.map((region) => `password of ${region}`),
  );
  expect(calls().join("\n")).not.toContain("password of");
});

test("the first image of a stage: the line is printed, the stage's file stays as it is", () => {
  const { said, configuration } = build({ repository: EVERYWHERE, architecture: "arm64" });
  expect(calls().find((call) => call.startsWith("docker buildx build"))).toContain("--platform linux/arm64 ");
  expect(said.at(-1)).toBe(
    `Write it into databaseTask of config/test.json, commit and deploy:\n  "image": "${EVERYWHERE}:2026-11-30-101500@${BUILT}",`,
  );
  expect(configuration).not.toContain("image");
});

test.each([
  ["one region", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/backups"],
  ["another registry", "ghcr.io/example/backups"],
])("a repository in %s gets one tag", (_what, repository) => {
  build({ image: `${repository}@${OLD}` });
  const call = calls().find((one) => one.startsWith("docker buildx build"));
  expect(call?.match(/--tag \S+/g)).toEqual([`--tag ${repository}:2026-11-30-101500`]);
  expect(calls().some((one) => one.startsWith("aws"))).toBe(repository.includes(".ecr."));
});

test("again, after everything has been done: a new tag, a repository that is there, the file renewed", () => {
  const image = `${EVERYWHERE}:2026-10-04-090000@${OLD}`;
  build({ image });
  aws(["eu-central-1", "eu-west-1"].map((region) => `${region}/backups-database-task`));
  const { configuration } = build({ image });
  expect(configuration).toContain(`:2026-11-30-101500@${BUILT}`);
});

const failing = (what: string): string => `case "$*" in *"${what}"*) echo "denied: ${what}" >&2; exit 1;; esac`;
test.each<[string, () => void, RegExp, boolean]>([
  [
    "the registry doesn't answer",
    () => docker({ first: failing("imagetools") }),
    /^"docker buildx imagetools" failed: denied: imagetools$/,
    false,
  ],
  [
    "the base has one processor only",
    () =>
      docker({
        index: JSON.stringify({ digest: BASE, manifests: [{ platform: { os: "linux", architecture: "amd64" } }] }),
      }),
    /has no digest for linux\/arm64; choose a base/,
    false,
  ],
  [
    "the answer is a single image",
    () => docker({ index: JSON.stringify({ digest: BASE }) }),
    /has no digest for linux\/arm64 and linux\/amd64/,
    false,
  ],
  [
    "the answer has no digest",
    () => docker({ index: INDEX.replace(BASE, "latest") }),
    /has no digest for all architectures/,
    false,
  ],
  ["the answer is no JSON", () => docker({ index: "unauthorized" }), /^docker answered no JSON: unauthorized/, false],
  [
    "nobody may look at repositories",
    () => aws([], failing("describe-repositories")),
    /^"aws ecr describe-repositories" failed/,
    true,
  ],
  [
    "nobody may make one",
    () => aws([], failing("create-repository")),
    /^The repository backups-database-task can't be made in [a-z0-9-]+: /,
    true,
  ],
  [
    "the login is refused",
    () => docker({ first: failing("login") }),
    /^"docker login --username" failed: denied: login$/,
    true,
  ],
  [
    "the build fails",
    () => docker({ first: failing("buildx build") }),
    /^"docker buildx build" failed: denied: buildx build$/,
    true,
  ],
  [
    "docker doesn't say what it pushed",
    () => docker({ metadata: "{}" }),
    /did not say which digest it has pushed/,
    true,
  ],
])("%s: one sentence, and the stage names the image it had", (_what, prepare, sentence, isRenewed) => {
  prepare();
  const image = `${EVERYWHERE}:2026-10-04-090000@${OLD}`;
  const before = base();
  expect(() => build({ image })).toThrow(sentence);
  expect(readFileSync(join(folder, "test.json"), "utf8")).toContain(JSON.stringify(image));
  // The base may be renewed already: trying again renews it again.
  expect(base().digest).toBe(isRenewed ? BASE : before.digest);
});

test("a machine without docker hears what to install", () => {
  rmSync(join(folder, "bin", "docker"));
  process.env["PATH"] = join(folder, "bin");
  expect(() => build()).toThrow("The program docker is missing, or its plugin buildx; install both, then try again.");
});

test.each(["unknown flag: --format", "docker: 'buildx' is not a docker command."])(
  "docker without buildx says %j: the sentence says what is missing",
  (output) => {
    docker({ first: `echo "${output}" >&2; exit 125` });
    expect(() => build()).toThrow("The program docker is missing, or its plugin buildx; install both, then try again.");
  },
);

test("somebody made the repository at the same moment: that is fine", () => {
  aws([], `if [ "$2" = create-repository ]; then echo "(RepositoryAlreadyExistsException)" >&2; exit 254; fi`);
  const { configuration } = build({ image: `${EVERYWHERE}@${OLD}` });
  expect(configuration).toContain(BUILT);
});
