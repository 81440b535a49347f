/** `--to -` and `upload ENVIRONMENT -`: bytes through pipes, with flat memory, byte for byte; and pipes that break. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { isoSeconds } from "../../lambda/catalog/catalog";
import { runCommandLine } from "../../bin/command-line/run-command-line";
import { spoolInput } from "../../bin/command-line/transfer/spool-input";
import { noise } from "../restore/test-files";
import { ACCEPTANCE, PRODUCTION } from "../support/api-world";
import { TRANSFER_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import { type ApiCommandLine, startApiCommandLine } from "./api-fixture";
import { signedIn, start } from "./child";
import { NOTHING_ELSE } from "./cli-fixture";

const SNAPSHOT = "10000000-0000-8000-8000-000000000004";
const MB = 1_000_000;
/** More than a run with little needs: four parts of 16 MiB are on their way at once. The whole would be 200 MB. */
const FLAT = 90 * MB;
const ONE_MB = noise(MB);
/** No two megabytes are the same, so that none can stand in another's place. */
const bytesOf = (megabytes: number): Buffer => {
  const all = Buffer.alloc(megabytes * MB);
  for (let at = 0; at < megabytes; at++) {
    ONE_MB.copy(all, at * MB);
    all.writeUInt32BE(at, at * MB + 500);
  }
  return all;
};
const hashOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

let line: ApiCommandLine;
let folder: string;
beforeEach(async () => {
  line = await startApiCommandLine();
  folder = mkdtempSync(join(tmpdir(), "backups-pipes-"));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await line.close();
});

/** The archive is ready as soon as it is asked for. */
const preparing = (bytes: Buffer): (() => void) => {
  const { catalog, store, clock, workflows } = line.world.fakes;
  const done = new Set<string>();
  const timer = setInterval(() => {
    const archiveId = /"archiveId":"([^"]+)"/.exec(JSON.stringify(workflows.started.at(-1)?.input ?? null))?.[1];
    if (archiveId === undefined || done.has(archiveId)) return;
    done.add(archiveId);
    void (async () => {
      const { key } = must(await catalog.getArchive(archiveId));
      await store.put({ bucket: TRANSFER_BUCKET, key, body: bytes });
      const updatedAt = isoSeconds(clock.now());
      const all = { size: bytes.length, bytesDone: bytes.length, finishedAt: updatedAt, updatedAt };
      await catalog.updateArchive(archiveId, { state: "completed", ...all });
    })();
  }, 50);
  return () => clearInterval(timer);
};
const DOWNLOAD = ["download", PRODUCTION, SNAPSHOT, "--to", "-"];

describe("download --to -", () => {
  const piped = async (bytes: Buffer) => {
    const stop = preparing(bytes);
    const running = start(DOWNLOAD, signedIn(line));
    const hash = createHash("sha256");
    for await (const piece of running.stdout) hash.update(piece as Buffer);
    stop();
    return { ...(await running.ended), hash: hash.digest("hex") };
  };
  test("200 MB, byte for byte, with flat memory; sentences on standard error", async () => {
    const small = await piped(bytesOf(2));
    expect(small.code).toBe(0);
    line.world.fakes.workflows.started.length = 0;
    const bytes = bytesOf(200);
    const large = await piped(bytes);
    expect(large).toMatchObject({ code: 0, hash: hashOf(bytes) });
    expect(large.err.split("\n")).toEqual([
      expect.stringMatching(/^Roughly .*, prepared in about .*\.$/),
      `200 MB of snapshot ${SNAPSHOT} were written to standard output.`,
      "",
    ]);
    expect(large.peak - small.peak).toBeLessThan(FLAT);
  }, 300_000);
  test("a reader that goes ends it quietly, and not as if all had been written", async () => {
    const stop = preparing(bytesOf(20));
    const running = start(DOWNLOAD, signedIn(line));
    running.stdout.once("data", () => running.stdout.destroy());
    const { code, err } = await running.ended;
    stop();
    expect(code).toBe(141);
    expect(err).toMatch(/^Roughly [^\n]*\n$/);
  }, 120_000);
  test("a reader that takes its time gets everything, and nothing is held for it meanwhile", async () => {
    const bytes = bytesOf(40);
    const stop = preparing(bytes);
    const running = start(DOWNLOAD, signedIn(line));
    const hash = createHash("sha256");
    let paused = false;
    for await (const piece of running.stdout) {
      hash.update(piece as Buffer);
      if (paused) continue;
      paused = true;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
    stop();
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(hash.digest("hex")).toBe(hashOf(bytes));
  }, 120_000);
});

describe("download --to - in this process", () => {
  const download = async (output: PassThrough & { isTTY?: boolean }, ...more: string[]) => {
    const [out, err]: [string[], string[]] = [[], []];
    const code = await runCommandLine([...DOWNLOAD, ...more], {
      ...NOTHING_ELSE,
      variables: signedIn(line),
      fetch: (input, init) => fetch(input, init),
      sleep: () => new Promise((resolve) => setTimeout(resolve, 30)),
      standardOutput: () => output,
      out: (text) => out.push(text),
      err: (text) => err.push(text),
    });
    return { code, out, err };
  };
  const collect = (output: PassThrough): Buffer[] => {
    const pieces: Buffer[] = [];
    output.on("data", (piece: Buffer) => pieces.push(piece));
    return pieces;
  };
  test("goes on where a connection broke, and says in JSON, on standard error, what was written", async () => {
    const bytes = bytesOf(3);
    const stop = preparing(bytes);
    line.storage.fault = ({ number }) => (number <= 2 ? "cut" : "none");
    const output = new PassThrough();
    const pieces = collect(output);
    const { code, out, err } = await download(output, "--json");
    stop();
    expect([code, out]).toEqual([0, []]);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    expect(JSON.parse(err.join("\n"))).toMatchObject({ file: "-", size: bytes.length });
  });
  test("that breaks off for good says that what was written is no archive", async () => {
    const stop = preparing(bytesOf(3));
    line.storage.fault = ({ number }) => (number === 1 ? "cut" : "unavailable");
    const output = new PassThrough();
    collect(output);
    const { code, err } = await download(output);
    stop();
    expect(code).toBe(1);
    expect(err.at(-1)).toMatch(
      /^The download broke off after \d+ of 3000000 bytes \(the storage answered 503\); what was written is no whole archive/,
    );
  });
  test("a disk that is full behind it is one sentence", async () => {
    const stop = preparing(bytesOf(3));
    const output = new PassThrough();
    output.on("error", () => undefined);
    output.write = (_piece: unknown, done?: unknown) => {
      (done as (error: Error) => void)(Object.assign(new Error(), { code: "ENOSPC" }));
      return false;
    };
    const { code, err } = await download(output);
    stop();
    expect([code, err.at(-1)]).toEqual([1, "Standard output can't be written further (ENOSPC)."]);
  });
  test("is not written to a terminal, and nothing is asked for", async () => {
    const { code, err } = await download(Object.assign(new PassThrough(), { isTTY: true }));
    expect([code, err]).toEqual([
      2,
      ["Standard output is a terminal; pipe it into a program, or give --to a file's name."],
    ]);
    expect(line.world.fakes.workflows.started).toEqual([]);
  });
});

const UPLOAD = ["upload", ACCEPTANCE, "-"];
/** What is kept of standard input. (The program's own compiler has a cache beside it.) */
const kept = (): readonly string[] => readdirSync(folder).filter((name) => name.startsWith("backups-upload-"));
const uploads = async () => (await line.world.fakes.catalog.listUploads(line.world.fakes.clock.now())).items;

describe("upload ENVIRONMENT -", () => {
  const piped = async (bytes: Buffer) => {
    const running = start([...UPLOAD, "--name", "it.tar.gz"], { ...signedIn(line), TMPDIR: folder });
    running.stdout.resume();
    Readable.from(pieces(bytes)).pipe(running.stdin);
    return running.ended;
  };
  function* pieces(bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  }
  test("200 MB, byte for byte, with flat memory, and nothing left on the disk", async () => {
    const small = await piped(bytesOf(2));
    expect(small.code).toBe(0);
    const bytes = bytesOf(200);
    const large = await piped(bytes);
    expect(large).toMatchObject({ code: 0, err: "" });
    const sent = must((await uploads()).find(({ size }) => size === bytes.length));
    expect(sent).toMatchObject({ fileName: "it.tar.gz", state: "queued" });
    expect(hashOf(line.world.fakes.store.bytes(TRANSFER_BUCKET, sent.key))).toBe(hashOf(bytes));
    expect(large.peak - small.peak).toBeLessThan(FLAT);
    expect(kept()).toEqual([]);
  }, 300_000);
  test("a signal leaves nothing on the disk", async () => {
    const running = start(UPLOAD, { ...signedIn(line), TMPDIR: folder });
    running.stdout.resume();
    running.stdin.write(ONE_MB);
    while (kept().length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: 143, err: "" });
    expect(kept()).toEqual([]);
  }, 120_000);
});

describe("upload ENVIRONMENT - in this process", () => {
  const upload = async (input: Readable & { isTTY?: boolean }, ...more: string[]) => {
    const err: string[] = [];
    const code = await runCommandLine([...UPLOAD, ...more], {
      ...NOTHING_ELSE,
      variables: signedIn(line),
      fetch: (given, init) => fetch(given, init),
      standardInput: () => input,
      out: () => undefined,
      err: (text) => err.push(text),
    });
    return { code, err };
  };
  test("an input that ends with an error sends nothing", async () => {
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield ONE_MB;
      throw Object.assign(new Error(), { code: "EIO" });
    };
    expect(await upload(Readable.from(broken()))).toEqual({
      code: 1,
      err: ["Standard input could be read only to byte 1000000 (EIO); nothing was sent."],
    });
    expect(await uploads()).toEqual([]);
  });
  test.each([
    ["an empty one", () => Readable.from([]), "Standard input is empty"],
    ["a terminal", () => Object.assign(Readable.from([ONE_MB]), { isTTY: true }), "Standard input is a terminal"],
  ])("%s is asked for wrongly", async (_what, input, sentence) => {
    const { code, err } = await upload(input());
    expect([code, err]).toEqual([2, [expect.stringContaining(sentence)]]);
    expect(await uploads()).toEqual([]);
  });
  test("can't be resumed, and is given up when it breaks off", async () => {
    expect(await upload(Readable.from([ONE_MB]), "--resume", "it")).toMatchObject({ code: 2 });
    line.storage.fault = () => "unavailable";
    const { code, err } = await upload(Readable.from([ONE_MB]));
    expect(code).toBe(1);
    expect(err).toEqual([
      "Part 1 of 1 could not be sent (the storage answered 503).",
      "The upload is given up, because standard input can't be read again; pipe it anew, or upload a file.",
    ]);
    expect((await uploads()).filter(({ state }) => state === "open")).toEqual([]);
  });
  test("a disk without room is said before it is full", async () => {
    await expect(spoolInput(Readable.from([ONE_MB]), folder, async () => 120 * MB)).rejects.toThrow(
      /^Standard input is kept on disk until it is sent, and after 0 bytes there is no room for more at .* Nothing was sent\.$/,
    );
    let free = 10_000 * MB;
    const endless = async function* (): AsyncGenerator<Buffer> {
      for (;;) {
        free -= ONE_MB.length * 100;
        yield ONE_MB;
      }
    };
    await expect(spoolInput(Readable.from(endless()), folder, async () => free)).rejects.toThrow("there is no room");
    await expect(spoolInput(Readable.from([ONE_MB]), join(folder, "none"))).rejects.toThrow("name another folder");
    expect(kept()).toEqual([]);
  });
});
