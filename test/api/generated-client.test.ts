/** A client generated from the committed description type-checks, and lists, creates, downloads and restores. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { ACCEPTANCE, PRODUCTION, SNAPSHOTS } from "../support/api-world";
import { startApi, type ApiUnderTest } from "./api-client";

const ROOT = join(__dirname, "..", "..");
const BYTES = Buffer.from("an archive's bytes, byte for byte");
const run = promisify(execFile);
const program = (name: string): string => join(ROOT, "node_modules", ".bin", name);

const SCRIPT = `
import * as backups from "./client";
const [base = "", user = "", key = "", snapshot = ""] = process.argv.slice(2);
backups.defaults.baseUrl = base;
backups.defaults.headers = { "Mendix-Username": user, "Mendix-ApiKey": key };
const must = <A extends { status: number; data: unknown }>(answer: A): Extract<A, { status: 200 }>["data"] => {
  if (answer.status !== 200) throw new Error(JSON.stringify(answer));
  return answer.data as Extract<A, { status: 200 }>["data"];
};
void (async () => {
  const page = must(await backups.listSnapshots("shop", "${PRODUCTION}", { limit: 2 }));
  const titles: string[] = page.snapshots.map(({ snapshot_id }) => snapshot_id);
  const made = must(await backups.createSnapshot("shop", "${PRODUCTION}", { comment: "by a generated client" }));
  let archive = must(await backups.createArchive("shop", "${PRODUCTION}", snapshot, { dataType: "database_only" }));
  while (archive.url === null) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    archive = must(await backups.getArchive("shop", "${PRODUCTION}", snapshot, archive.archive_id));
  }
  const file = await fetch(archive.url, { redirect: "error" });
  const restore = must(await backups.createRestore("shop", "${ACCEPTANCE}", snapshot, { dbOnly: true }));
  const state: "queued" | "running" | "failed" | "completed" = restore.state;
  const shown = must(await backups.getRestore("shop", "${ACCEPTANCE}", restore.restore_id));
  const refused = await backups.getSnapshot("shop", "${PRODUCTION}", "unknown");
  const code: string | undefined = refused.status === 404 ? refused.data.errorCode : undefined;
  console.log(JSON.stringify({ titles, comment: made.comment, file: await file.text(), state, into: shown.target_environment_id, code }));
})();
`;

let api: ApiUnderTest;
let storage: Server;
let folder: string;
beforeAll(async () => {
  storage = createServer((_, response) => response.end(BYTES)).listen(0, "127.0.0.1");
  const url = (): string => `http://127.0.0.1:${(storage.address() as AddressInfo).port}/archive`;
  api = await startApi({
    change: ({ clock }) => ({
      presigner: {
        getUrl: async () => ({ url: url(), expiresAt: new Date(clock.now().getTime() + 3_600_000) }),
        partUrl: async () => url(),
      },
    }),
  });
  // Within the checkout, so that the client finds its run time.
  folder = mkdtempSync(join(ROOT, ".build-client-"));
  writeFileSync(join(folder, "use.ts"), SCRIPT);
  await run(program("oazapfts"), [join(ROOT, "docs", "openapi.json"), join(folder, "client.ts")]);
}, 60_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  storage.close();
  await api.close();
});

test("it type-checks, strictly", async () => {
  const options = ["--ignoreConfig", "--noEmit", "--strict", "--target", "es2023", "--module", "preserve"];
  await run(program("tsc"), [...options, "--types", "node", join(folder, "use.ts")]);
  // The types are the description's: what it doesn't know is an error.
  writeFileSync(join(folder, "wrong.ts"), SCRIPT.replace("made.comment", "made.coment"));
  await expect(run(program("tsc"), [...options, "--types", "node", join(folder, "wrong.ts")])).rejects.toMatchObject({
    stdout: expect.stringContaining("coment"),
  });
}, 120_000);

test("it lists, creates, downloads at once and restores", async () => {
  const snapshot = SNAPSHOTS[0]?.snapshotId ?? "";
  const base = api.base.replace(/\/api\/v2$/, "");
  const finishing = setInterval(() => {
    for (const { input } of api.fakes.workflows.started) {
      const { archiveId } = input as { archiveId?: string };
      const finishedAt = "2026-12-05T12:00:00Z";
      const change = { state: "completed", size: BYTES.length, bytesDone: BYTES.length, finishedAt } as const;
      if (archiveId !== undefined) void api.fakes.catalog.updateArchive(archiveId, change);
    }
  }, 50);
  try {
    const use = [join(folder, "use.ts"), base, "admin", api.keyOf("admin"), snapshot];
    const { stdout } = await run(program("tsx"), use);
    expect(JSON.parse(stdout)).toEqual({
      titles: [snapshot, SNAPSHOTS[3]?.snapshotId],
      comment: "by a generated client",
      file: BYTES.toString(),
      state: "queued",
      into: ACCEPTANCE,
      code: "NOT_FOUND",
    });
  } finally {
    clearInterval(finishing);
  }
}, 120_000);
