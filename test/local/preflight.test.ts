/** Mistakes that can be known before anything is started: each is made, and ends in its one sentence. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadStage } from "../../lib/config/load-configuration";
import { checkOwnFile, checkOwnServers, readOwnFiles } from "../../local/environments/own-file";
import { checkOwnPlaces, type NamedFile } from "../../local/environments/own-places";
import { readOptions } from "../../local/options";
import { checkDisk, checkHome, checkOutputs, preflight, systemSentence } from "../../local/preflight";

const PROJECT = join(__dirname, "..", "..");
let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "preflight-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (
  args: readonly string[],
  { project = PROJECT, env = {} } = {},
): { code: number | null; said: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(project, "local", "start.mjs"), ...args], {
    encoding: "utf8",
    env: { ...process.env, AWS_ENDPOINT_URL_S3: "", ...env },
    timeout: 50_000,
  });
  const said = `${stdout}${stderr}`;
  expect(said).not.toMatch(/\n\s+at .*:\d+/);
  return { code: status, said };
};

const SOURCE = {
  environmentId: "shop-production",
  appId: "shop",
  database: { host: "127.0.0.1", port: 1, name: "shop", username: "backup", password: "secret" },
  files: { bucket: "shop-files" },
};
const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};

describe("npm start says at once", () => {
  test("that there is no such stage", () => {
    const { code, said } = start(["--stage", "nope"]);
    expect(code).toBe(1);
    expect(said).toContain(
      "config/nope.json: there is no such stage; create the file, or choose another with --stage, such as default.",
    );
    expect(said).not.toContain("Setting up");
  });

  test("so does the region drill", () => {
    const { code, said } = start(["drill:region", "--stage", "nope"]);
    expect(code).toBe(1);
    expect(said).toContain("there is no such stage");
    expect(said).not.toContain("Setting up");
  });

  test("that a port is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const options = readOptions(["--port", String(port)]);
    await expect(preflight(options, folder, {})).rejects.toThrow(
      `Port ${port} is taken by another program: give --port another number, or leave it out.`,
    );
    await new Promise((resolve) => server.close(resolve));
    await expect(preflight(options, folder, {})).resolves.toMatchObject({ own: [], store: undefined });
  });

  test("that an option is unknown, or a number none", () => {
    expect(start(["--exti"]).said).toMatch(/unknown option '--exti'/);
    expect(start(["--nights", "many"]).said).toMatch(/--nights.*whole number/);
  });

  test("that the packages are not whole", () => {
    const project = join(folder, "project");
    mkdirSync(join(project, "node_modules"), { recursive: true });
    for (const part of ["local", "lib", "lambda", "config", "package.json", "tsconfig.json"])
      cpSync(join(PROJECT, part), join(project, part), { recursive: true });
    for (const part of ["tsx", "esbuild", "@esbuild"])
      cpSync(join(PROJECT, "node_modules", part), join(project, "node_modules", part), {
        recursive: true,
        force: true,
      });
    const { code, said } = start([], { project });
    expect(code).toBe(1);
    expect(said).toMatch(/The Node\.js packages are not whole \(.+\): run npm ci, then try again\./);
  });

  test("that npm is missing where it has to install them", () => {
    const project = join(folder, "bare");
    mkdirSync(join(project, "local"), { recursive: true });
    cpSync(join(PROJECT, "local", "start.mjs"), join(project, "local", "start.mjs"));
    const { code, said } = start([], { project, env: { PATH: folder } });
    expect(code).toBe(1);
    expect(said).toContain("The Node.js packages could not be installed: npm is missing (ENOENT)");
  });
});

describe("folders and disks", () => {
  test("a file where the runs' folder should be", () => {
    expect(() => checkHome(file("not-a-folder", ""))).toThrow(
      /^The run needs the folder .+, but a file is in its place: make it writable, or run from a copy/,
    );
  });
  test("a link that leads nowhere", () => {
    const link = join(folder, "link");
    symlinkSync(join(folder, "gone"), link);
    expect(() => checkHome(link)).toThrow(/^The run needs the folder .+, but /);
  });
  test("a nearly full disk, with how much is needed", () => {
    expect(() => checkDisk("/project/.local", false, () => 120)).toThrow(
      "The disk of /project/.local has 120 MB free, and the run needs about 500 MB: make room there, then try again.",
    );
    expect(() => checkDisk("/project/.local", true, () => 1500)).toThrow("needs about 2000 MB");
    checkDisk(folder, false, () => 501);
  });
  test("a report that is a folder, or in a place that can't be", () => {
    expect(() => checkOutputs({ report: folder })).toThrow(`--report ${folder} is a folder: name a file.`);
    const inside = join(file("in-the-way", ""), "report.json");
    expect(() => checkOutputs({ report: inside })).toThrow(/^--report needs the folder .+, but a file is in its place/);
    expect(() => checkOutputs({ logs: join(file("in-the-way", ""), "logs") })).toThrow(/^--logs needs the folder/);
  });
  test.each([
    ["ENOSPC", /^The disk is full \(\/x\)/],
    ["EDQUOT", /^Your disk quota/],
    ["EROFS", /^The disk is read-only/],
    ["EACCES", /^The system refuses access/],
    ["EMFILE", /^Too many files/],
  ])("%s in the middle of a run", (code, sentence) => {
    expect(systemSentence(Object.assign(new Error("write"), { code, path: "/x" }))).toMatch(sentence);
  });
  test("PostgreSQL's own words for a full disk", () => {
    expect(systemSentence(new Error("initdb: could not write: No space left on device"))).toMatch(/^The disk is full/);
    expect(systemSentence(new Error("anything else"))).toBeUndefined();
  });
});

describe("an environment of one's own, against the stage", () => {
  const stage = { stage: "shop", fileBuckets: { read: ["shop-*"], write: ["shop-acceptance*"] } };
  const read = (...contents: readonly unknown[]): readonly NamedFile[] =>
    readOwnFiles(contents.map((content, index) => file(`own-${index}.json`, content)));
  const target = {
    ...SOURCE,
    environmentId: "shop-acceptance",
    database: { ...SOURCE.database, name: "acceptance" },
    files: { bucket: "shop-acceptance-files" },
  };
  const check = (...contents: readonly unknown[]): void => checkOwnPlaces(read(...contents), stage, "eu-central-1");

  test("two that fit pass", () => expect(() => check(SOURCE, target)).not.toThrow());

  test("a bucket that the stage may not read from", () => {
    expect(() => check({ ...SOURCE, files: { bucket: "documents" } })).toThrow(
      /own-0\.json, files\.bucket: stage shop may not read from "documents", which matches none of its fileBuckets\.read \(shop-\*\); add a pattern to config\/shop\.json, or choose another stage with --stage\.$/,
    );
  });
  test("a target's bucket that it may not restore into", () => {
    expect(() => check(SOURCE, { ...target, files: { bucket: "shop-files-2" } })).toThrow(
      /own-1\.json, files\.bucket: stage shop may not restore into "shop-files-2", which matches none of its fileBuckets\.write/,
    );
  });
  test("no room for the scratch bucket, and for the samples'", () => {
    expect(() => check(SOURCE)).toThrow(/name a target of your own as the second file of --environment/);
    expect(() => check()).toThrow(/^The sample environments' buckets, such as "production-1+-files", match none/);
    checkOwnPlaces([], loadStage("default"), "eu-central-1");
  });
  test("another region than the run's", () => {
    expect(() => check({ ...SOURCE, region: "eu-west-1" })).toThrow(
      /region: it is eu-west-1, and the run is of eu-central-1; remove it, or give --region eu-west-1\.$/,
    );
  });
  test.each([
    ["the same name", { environmentId: SOURCE.environmentId }, /environmentId: it is "shop-production" in .+ too/],
    [
      "another app",
      { appId: "other" },
      /appId: it is "other", and that of .+ is "shop"; a restore stays within one app/,
    ],
    [
      "the same database",
      { database: { ...SOURCE.database, host: "localhost" } },
      /database: it is the database "shop"/,
    ],
  ])("a target with %s", (_, change, sentence) => {
    expect(() => check(SOURCE, { ...target, ...change })).toThrow(sentence);
  });
  test("a target in the source's bucket", () => {
    const all = { stage: "shop", fileBuckets: { read: ["*"], write: ["*"] } };
    const two = read({ ...SOURCE, files: { bucket: "shop-files", prefix: "a/" } }, { ...target, files: SOURCE.files });
    expect(() => checkOwnPlaces(two, all, "eu-central-1")).toThrow(
      /files: it is the bucket "shop-files" with a prefix/,
    );
  });
  test("a server newer than this machine's programs", () => {
    expect(() => checkOwnServers([{ file: "own.json", database: "shop", major: 18 }], 15)).toThrow(
      'own.json: the database "shop" is on PostgreSQL 18, which the programs of PostgreSQL 15 on this machine can\'t dump: install PostgreSQL 18 here.',
    );
  });
  test("a database that does not answer", async () => {
    const [own] = read(SOURCE);
    const nowhere = { url: new URL("http://127.0.0.1:1"), credentials: { accessKeyId: "a", secretAccessKey: "b" } };
    await expect(checkOwnFile(own as NamedFile, nowhere, "eu-central-1", false)).rejects.toThrow(
      /own-0\.json: your environment can't be backed up as its file says: .*127\.0\.0\.1/,
    );
  });

  test.each([
    ["none of them is there", "missing.json", undefined, /The file .+missing\.json can't be read/],
    ["no JSON", "broken.json", "{", /The file .+ is not JSON/],
    ["a setting that is none", "extra.json", { ...SOURCE, bucket: "x" }, /The file .+ is not as it should be/],
    ["an address that is no URL", "good.json", SOURCE, /AWS_ENDPOINT_URL_S3 is "nonsense", which is no URL/],
  ])("npm start with %s", async (_, name, content, sentence) => {
    const path = content === undefined ? join(folder, name) : file(name, content);
    const options = readOptions(["--environment", path]);
    await expect(preflight(options, folder, { AWS_ENDPOINT_URL_S3: "nonsense" })).rejects.toThrow(sentence);
  });
  test("npm start without an S3 server for it, or without credentials", async () => {
    const options = readOptions(["--environment", file("good.json", SOURCE)]);
    await expect(preflight(options, folder, {})).rejects.toThrow(/^--environment needs the S3 server/);
    await expect(preflight(options, folder, { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" })).rejects.toThrow(
      /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not/,
    );
  });
});
