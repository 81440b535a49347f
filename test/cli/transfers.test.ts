/** `download` and `upload`, over HTTP, with connections that break and addresses that are refused. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isoSeconds } from "../../lambda/catalog/catalog";
import type { UploadItem } from "../../lambda/catalog/items";
import { noise } from "../restore/test-files";
import { ACCEPTANCE, PRODUCTION } from "../support/api-world";
import { TRANSFER_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import { type ApiCommandLine, startApiCommandLine } from "./api-fixture";

const SNAPSHOT = "10000000-0000-8000-8000-000000000004";
const BYTES = noise(300_000);

let line: ApiCommandLine;
let folder: string;
beforeEach(async () => {
  line = await startApiCommandLine();
  folder = mkdtempSync(join(tmpdir(), "backups-transfer-"));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await line.close();
});

const startedId = (pattern: RegExp): string =>
  must(pattern.exec(JSON.stringify(line.world.fakes.workflows.started.at(-1)?.input))?.[1]);

describe("download", () => {
  /** The first wait is the archive's preparation: it is half done, then completed. */
  const prepare = (): void => {
    let waits = 0;
    line.onSleep = async () => {
      const { catalog, store, clock } = line.world.fakes;
      const archiveId = startedId(/"archiveId":"([^"]+)"/);
      waits++;
      if (waits > 2) return;
      const archive = must(await catalog.getArchive(archiveId));
      const updatedAt = isoSeconds(clock.now());
      if (waits === 1) {
        await catalog.updateArchive(archiveId, { state: "running", size: BYTES.length, bytesDone: 1000, updatedAt });
        return;
      }
      await store.put({ bucket: TRANSFER_BUCKET, key: archive.key, body: BYTES });
      const bytesDone = BYTES.length;
      await catalog.updateArchive(archiveId, { state: "completed", finishedAt: updatedAt, bytesDone, updatedAt });
    };
  };
  const download = (...more: string[]): Promise<number> =>
    line.run("download", PRODUCTION, SNAPSHOT, "--to", join(folder, "it.tar.gz"), ...more);
  const file = (): string => join(folder, "it.tar.gz");

  it("says how large and how long, waits beside a bar, and keeps the whole file", async () => {
    prepare();
    expect(await download()).toBe(0);
    expect(readFileSync(file()).equals(BYTES)).toBe(true);
    expect(statSync(file()).mode & 0o077).toBe(0);
    expect(line.out).toEqual([
      expect.stringMatching(/^Roughly [\d.]+ [MG]B, prepared in about \d+ (seconds|minutes)\.$/),
      `${file()} holds 300 kB of snapshot ${SNAPSHOT}.`,
    ]);
    expect(line.bars.map(({ title, stopped }) => [title, stopped])).toEqual([
      ["Preparing", true],
      ["Downloading", true],
    ]);
    expect(line.bars[0]?.shown).toContainEqual([1000, BYTES.length]);
    expect(line.bars[1]?.shown.at(-1)).toEqual([BYTES.length, BYTES.length]);
    expect(existsSync(`${file()}.part`) || existsSync(`${file()}.part.json`)).toBe(false);
  });
  it("sends the key to the API only", async () => {
    prepare();
    await download();
    expect(line.storage.requests.length).toBeGreaterThan(0);
    for (const { headers } of line.storage.requests) {
      expect(headers).not.toHaveProperty("mendix-apikey");
      expect(headers).not.toHaveProperty("authorization");
    }
  });
  it("goes on with a range, through a fresh link, when the connection breaks or the address is refused", async () => {
    prepare();
    line.storage.fault = ({ number }) => (number === 1 || number === 3 ? "cut" : number === 2 ? "refuse" : "none");
    expect(await download("--json")).toBe(0);
    expect(readFileSync(file()).equals(BYTES)).toBe(true);
    // A connection that breaks may take with it what was on its way.
    const [first, ...later] = line.storage.requests.map(({ headers }) => headers.range);
    expect(first).toBeUndefined();
    const starts = later.map((range) => Number(must(/^bytes=(\d+)-$/.exec(must(range))?.[1])));
    expect(starts).toHaveLength(3);
    expect(starts[0]).toBeGreaterThan(0);
    expect(starts[1]).toBe(starts[0]);
    expect(starts[2]).toBeGreaterThan(must(starts[1]));
    expect(new Set(line.storage.requests.map(({ url }) => url)).size).toBe(4);
    expect(line.document()).toMatchObject({ file: file(), size: BYTES.length });
    expect(line.bars).toEqual([]);
  });
  it("gives up after five tries without a byte, and the same command goes on later with the same archive", async () => {
    prepare();
    line.storage.fault = ({ number }) => (number === 1 ? "cut" : number <= 6 ? "unavailable" : "none");
    expect(await download()).toBe(1);
    const kept = statSync(`${file()}.part`).size;
    expect(kept).toBeGreaterThan(0);
    expect(line.err).toEqual([
      `The download broke off after ${kept} of ${BYTES.length} bytes (the storage answered 503); give the same command again to go on.`,
    ]);
    expect(readFileSync(`${file()}.part.json`, "utf8")).not.toContain("links/");
    const archives = line.world.fakes.workflows.started.length;
    line.clear();
    expect(await download()).toBe(0);
    expect(line.world.fakes.workflows.started).toHaveLength(archives);
    expect(line.storage.requests.at(-1)?.headers.range).toBe(`bytes=${kept}-`);
    expect(readFileSync(file()).equals(BYTES)).toBe(true);
  });
  it("that did not wait for the preparation is taken up with the same archive", async () => {
    expect(await download("--wait", "0")).toBe(1);
    expect(line.err[1]).toBe("Its preparation goes on by itself; give the same command again later.");
    prepare();
    expect(await download()).toBe(0);
    expect(line.world.fakes.workflows.started).toHaveLength(1);
    expect(readFileSync(file()).equals(BYTES)).toBe(true);
  });
  it("begins anew when the archive of the broken download is no longer there", async () => {
    writeFileSync(`${file()}.part`, "something else");
    const note = { snapshotId: SNAPSHOT, dataType: "files_and_database", archiveId: "archive-gone" };
    writeFileSync(`${file()}.part.json`, JSON.stringify(note));
    prepare();
    expect(await download()).toBe(0);
    expect(readFileSync(file()).equals(BYTES)).toBe(true);
  });
  it("does not take another part for the one it asked for", async () => {
    prepare();
    line.storage.fault = ({ number }) => (number === 1 ? "cut" : number === 2 ? "wrong-range" : "none");
    expect(await download()).toBe(0);
    expect(readFileSync(file()).equals(BYTES)).toBe(true);
  });
  it("never overwrites a file without --force, and asks for no archive then", async () => {
    writeFileSync(file(), "mine");
    expect(await download()).toBe(2);
    expect(line.err).toEqual([`The file ${file()} exists; give --to another name, or --force to replace it.`]);
    expect(line.world.fakes.workflows.started).toEqual([]);
    expect(readFileSync(file(), "utf8")).toBe("mine");
    prepare();
    expect(await download("--force")).toBe(0);
    expect(readFileSync(file()).equals(BYTES)).toBe(true);
    expect(await line.run("download", PRODUCTION, SNAPSHOT, "--to", folder, "--force")).toBe(2);
  });
  it("only estimates when told so, and asks for what is wanted", async () => {
    expect(await download("--estimate", "--data", "database_only", "--json")).toBe(0);
    expect(line.document()).toMatchObject({ dataType: "database_only", size: 52_428_800 });
    expect(line.world.fakes.workflows.started).toEqual([]);
    expect(await download("--data", "everything")).toBe(2);
  });
  it("says why a download can't be prepared", async () => {
    line.onSleep = async () => {
      const id = startedId(/"archiveId":"([^"]+)"/);
      await line.world.fakes.catalog.updateArchive(id, { state: "failed", statusMessage: "A pack is damaged." });
    };
    expect(await download()).toBe(1);
    expect(line.err).toEqual(["The download can't be prepared: A pack is damaged."]);
  });
});

describe("upload", () => {
  const LARGE = noise(16 * 1024 * 1024 + 100_000);
  const path = (): string => join(folder, "backup.tar.gz");
  const upload = (...more: string[]): Promise<number> => line.run("upload", ACCEPTANCE, path(), ...more);
  const uploads = async (): Promise<readonly UploadItem[]> =>
    (await line.world.fakes.catalog.listUploads(line.world.fakes.clock.now())).items;
  /** The clock of the world stands still, and files are older than it. */
  const write = (bytes: Buffer): void => {
    writeFileSync(path(), bytes);
    utimesSync(path(), new Date("2026-12-05T11:00:00Z"), new Date("2026-12-05T11:00:00Z"));
  };
  const stored = async (): Promise<Buffer> => {
    const [only] = await uploads();
    return Buffer.from(line.world.fakes.store.bytes(TRANSFER_BUCKET, must(only).key));
  };

  it("sends the parts straight to storage, each again that fails, and has a snapshot made of them", async () => {
    write(LARGE);
    line.person = "operator";
    const faults = ["cut", "lost-reply", "refuse", "none"] as const;
    line.storage.fault = ({ number }) => faults[number - 1] ?? "none";
    expect(await upload("--comment", "from outside")).toBe(0);
    expect((await stored()).equals(LARGE)).toBe(true);
    const [only] = await uploads();
    expect(only).toMatchObject({
      state: "queued",
      fileName: "backup.tar.gz",
      comment: "from outside",
      createdBy: "operator",
    });
    expect(line.out).toEqual([
      `Upload ${must(only).uploadId} of 16.9 MB. Go on with: backups upload ${ACCEPTANCE} ${path()} --resume ${must(only).uploadId}`,
      `Snapshot ${must(only).snapshotId} of environment ${ACCEPTANCE} is being made of it.`,
      `See how it goes with: backups snapshots ${ACCEPTANCE}`,
    ]);
    expect(line.bars[0]?.shown.at(-1)).toEqual([LARGE.length, LARGE.length]);
    for (const { headers } of line.storage.requests) expect(headers).not.toHaveProperty("mendix-apikey");
    // Each try has an address of its own: one that was refused would be refused again.
    expect(new Set(line.storage.requests.map(({ url }) => url)).size).toBe(line.storage.requests.length);
  });
  it("sends a part that may take more than the shortest limit, whatever its size", async () => {
    const part = LARGE.subarray(0, 5_000_001);
    write(part);
    expect(await upload()).toBe(0);
    expect((await stored()).equals(part)).toBe(true);
  });
  it("is resumed with the parts that have not arrived", async () => {
    write(LARGE);
    line.storage.fault = ({ url }) => (url.includes("partNumber=1&") ? "none" : "unavailable");
    expect(await upload()).toBe(1);
    const [only] = await uploads();
    const again = `Go on with: backups upload ${ACCEPTANCE} ${path()} --resume ${must(only).uploadId}`;
    expect(line.err.at(-1)).toBe(again);
    expect(line.err[0]).toMatch(/^Part 2 of 2 could not be sent \(the storage answered 503\)\.$/);
    line.clear();
    line.storage.requests.length = 0;
    line.storage.fault = () => "none";
    expect(await upload("--resume", must(only).uploadId)).toBe(0);
    expect(line.storage.requests.map(({ url }) => /partNumber=(\d+)/.exec(url)?.[1])).toEqual(["2"]);
    expect((await stored()).equals(LARGE)).toBe(true);
  });
  it.each([
    ["completed", 0],
    ["failed", 1],
  ] as const)("waits until the snapshot is %s", async (state, code) => {
    write(BYTES);
    line.onSleep = async () => {
      const { catalog } = line.world.fakes;
      const [only] = await uploads();
      const { snapshotId, uploadId } = must(only);
      const change = { state, statusMessage: state === "failed" ? "It holds no database dump." : "" } as const;
      await catalog.updateSnapshot(ACCEPTANCE, snapshotId, change);
      await catalog.updateUpload(uploadId, change);
    };
    expect(await upload("--wait")).toBe(code);
    if (code === 0) expect(line.out.at(-1)).toMatch(/^Snapshot \S+ is completed\.$/);
    else expect(line.err).toEqual(["It holds no database dump."]);
  });
  it("refuses a file that is not the one whose upload is resumed, or has changed", async () => {
    write(BYTES);
    line.storage.fault = () => "unavailable";
    await upload();
    const [only] = await uploads();
    const { uploadId } = must(only);
    line.clear();
    utimesSync(path(), new Date("2026-12-05T13:00:00Z"), new Date("2026-12-05T13:00:00Z"));
    expect(await upload("--resume", uploadId)).toBe(2);
    expect(line.err).toEqual([
      `${path()} was changed after upload ${uploadId} began; begin a new upload without --resume.`,
    ]);
    write(BYTES.subarray(1));
    expect(await upload("--resume", uploadId)).toBe(2);
    expect(line.err[1]).toContain(`has 299999 bytes, and upload ${uploadId} is of a file of 300000`);
  });
  it("does not complete an upload whose file changed meanwhile", async () => {
    write(BYTES);
    line.storage.fault = ({ method }) => {
      if (method === "PUT") utimesSync(path(), new Date("2026-12-05T11:30:00Z"), new Date("2026-12-05T11:30:00Z"));
      return "none";
    };
    expect(await upload()).toBe(2);
    expect(line.err).toEqual([`${path()} was changed while it was uploaded; begin a new upload.`]);
    expect((await uploads())[0]).toMatchObject({ state: "open" });
  });
  it("is listed, and given up", async () => {
    write(BYTES);
    line.storage.fault = () => "unavailable";
    await upload();
    const [only] = await uploads();
    line.clear();
    expect(await line.run("uploads", ACCEPTANCE)).toBe(0);
    expect(line.out).toEqual([
      "UPLOAD                                BEGUN                 STATE    SIZE  BY     FILE",
      `${must(only).uploadId}  2026-12-05T12:00:00Z  open   300 kB  admin  backup.tar.gz`,
    ]);
    expect(await line.run("abort-upload", ACCEPTANCE, must(only).uploadId)).toBe(0);
    line.clear();
    expect(await line.run("uploads", ACCEPTANCE, "--json")).toBe(0);
    expect(line.document()).toMatchObject({ environmentId: ACCEPTANCE });
    expect(await uploads()).not.toContainEqual(expect.objectContaining({ state: "open" }));
  });
  it("says when there is nothing to send", async () => {
    expect(await upload()).toBe(2);
    write(Buffer.alloc(0));
    expect(await upload()).toBe(2);
    expect(await line.run("upload", ACCEPTANCE, folder)).toBe(2);
    expect(line.err).toEqual([
      `The file ${path()} can't be read; check its name and permissions.`,
      `The file ${path()} is empty; give an archive or a database dump.`,
      `${folder} is no file; give an archive or a database dump.`,
    ]);
  });
});
