/**
 * The image can't be built where these tests run, so its Dockerfile is read strictly: what it stands on, what it fetches
 * and copies, as whom it runs. What only Docker can show is in docs/only-on-aws.md.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Runtime } from "aws-cdk-lib/aws-lambda";
import { buildBundle } from "../../lib/assets/bundle";
import { MAJORS_ARGUMENT, readBase, writeBase } from "../../lib/task-image/dockerfile";
import { synthesizeOnce } from "../support/synthesized";

interface Instruction {
  readonly name: string;
  readonly text: string;
}

const folder = mkdtempSync(join(tmpdir(), "dockerfile-"));
let image: string;
let dockerfile: string;
let instructions: readonly Instruction[];
beforeAll(() => {
  image = buildBundle(folder).databaseTaskFolder;
  dockerfile = readFileSync(join(image, "Dockerfile"), "utf8");
  instructions = dockerfile
    .replace(/^#.*\n/gm, "")
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => ({ name: line.split(" ")[0] ?? "", text: line.slice(line.indexOf(" ") + 1).trim() }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const all = (name: string): readonly string[] =>
  instructions.filter((one) => one.name === name).map(({ text }) => text);
const position = (matches: (one: Instruction) => boolean): number => {
  const found = instructions.findIndex(matches);
  expect(found).toBeGreaterThanOrEqual(0);
  return found;
};

test("it has no other instructions than those that are looked at here", () => {
  expect([...new Set(instructions.map(({ name }) => name))].toSorted()).toEqual([
    "ADD",
    "ARG",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "FROM",
    "RUN",
    "USER",
    "WORKDIR",
  ]);
});

test("every base is pinned by digest, and none is simply the newest", () => {
  expect(all("FROM").length).toBeGreaterThan(0);
  for (const from of all("FROM")) {
    expect(from).toMatch(/^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
    expect(from).not.toMatch(/:latest|\$/);
  }
});

test("its Node is of the functions' major version, on a named release of Debian", () => {
  const [, major] = /^nodejs(\d+)\.x$/.exec(Runtime.NODEJS_24_X.name) ?? [];
  expect(readBase(dockerfile).image).toMatch(new RegExp(`^node:${major}-(trixie|forky)-slim$`));
});

test("the day of the base stands before all that it renews, so that no cached layer outlives it", () => {
  const refreshed = position(({ name, text }) => name === "ENV" && text.startsWith("IMAGE_REFRESHED="));
  expect(refreshed).toBe(position(({ name }) => name === "FROM") + 1);
  expect(refreshed).toBeLessThan(position(({ name }) => ["RUN", "ADD", "COPY"].includes(name)));
  expect(Number.isNaN(Date.parse(readBase(dockerfile).refreshed))).toBe(false);
});

test("the major versions are told by whoever builds: there is one list, the configuration's", () => {
  expect(all("ARG")).toEqual([MAJORS_ARGUMENT]);
  expect(dockerfile).not.toMatch(/postgresql-client-\d/);
});

test("what it copies is in the folder that is built, and what it runs is what it copied", () => {
  const copied = all("COPY").flatMap((text) => text.split(" ").slice(0, -1));
  expect(copied.toSorted()).toEqual(["check-image.js", "install-clients.sh", "main.js"]);
  for (const file of copied) expect(statSync(join(image, file)).size).toBeGreaterThan(100);
  expect(all("WORKDIR")).toEqual(["/task"]);
  expect(all("ENTRYPOINT")).toEqual(['["node", "--enable-source-maps", "/task/main.js"]']);
});

test("everything that it fetches comes over TLS from where it is published", () => {
  const texts = [dockerfile, readFileSync(join(image, "install-clients.sh"), "utf8")].map((text) =>
    text.replace(/^#.*$/gm, ""),
  );
  const addresses = texts.flatMap((text) => text.match(/\bhttps?:\/\/[^\s"]+/g) ?? []);
  expect(addresses).toEqual([
    "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem",
    "https://$2/pub/repos/apt",
  ]);
  const hosts = texts.flatMap((text) => [...text.matchAll(/^ *source_from \S+ (\S+)/gm)].map((match) => match[1]));
  expect(hosts).toEqual(["apt.postgresql.org", "apt-archive.postgresql.org"]);
  expect(all("ADD")).toHaveLength(1);
  expect(texts.join("")).not.toMatch(/trusted=yes|allow-unauthenticated|AllowInsecure|--force-yes|curl|wget/i);
});

test("it runs as a user without rights, and has been proven by that user", () => {
  expect(all("USER")).toEqual(["node"]);
  const user = position(({ name }) => name === "USER");
  expect(user).toBeLessThan(position(({ text }) => text.startsWith("node check-image.js")));
  const later = instructions.slice(user + 1).map(({ name }) => name);
  expect(later).toEqual(["RUN", "ENTRYPOINT"]);
  // Amazon's authorities are added to RDS's, and then nobody may write there.
  expect(all("RUN").filter((text) => text.includes("/etc/ssl/rds.pem"))).toEqual([
    expect.stringMatching(/ && chmod 444 \/etc\/ssl\/rds\.pem$/),
  ]);
  expect(all("ENV")).toContain("NODE_ENV=production PGSSLROOTCERT=/etc/ssl/rds.pem");
  expect(all("ADD")[0]).toMatch(/ \/etc\/ssl\/rds\.pem$/);
});

test("renewing it changes the base's digest and the day, and nothing else", () => {
  const base = { image: "node:24-trixie-slim", digest: `sha256:${"ab".repeat(32)}`, refreshed: "2027-01-15" };
  const renewed = writeBase(dockerfile, base);
  expect(readBase(renewed)).toEqual(base);
  const changed = renewed.split("\n").filter((line, index) => line !== dockerfile.split("\n")[index]);
  expect(changed).toEqual([`FROM node:24-trixie-slim@sha256:${"ab".repeat(32)}`, "ENV IMAGE_REFRESHED=2027-01-15"]);
});

test.each([
  ["a base without digest", (text: string) => text.replace(/@sha256:\w+/, "")],
  ["no day", (text: string) => text.replace(/^ENV IMAGE_REFRESHED.*\n/m, "")],
  ["a day that is none", (text: string) => text.replace(/^(ENV IMAGE_REFRESHED=).*$/m, "$1today")],
])("%s is an error", (_what, change) => {
  expect(() => readBase(change(dockerfile))).toThrow(/The Dockerfile lacks FROM/);
});

interface DockerAssets {
  readonly dockerImages: Readonly<
    Record<string, { source: { directory: string; dockerBuildArgs?: Record<string, string>; platform?: string } }>
  >;
}

test("what cdk deploy builds has the configured major versions, and its hash counts them and the Dockerfile", () => {
  const { assemblyDir } = synthesizeOnce();
  const assets = JSON.parse(readFileSync(join(assemblyDir, "Primary-Frankfurt.assets.json"), "utf8")) as DockerAssets;
  const images = Object.values(assets.dockerImages);
  expect(images).toHaveLength(1);
  expect(images[0]?.source).toMatchObject({
    platform: "linux/amd64",
    dockerBuildArgs: { POSTGRESQL_MAJORS: "14,15,16,17,18" },
  });
  expect(existsSync(join(assemblyDir, images[0]?.source.directory ?? "", "install-clients.sh"))).toBe(true);
});
