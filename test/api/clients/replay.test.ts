/** Every recorded client has its requests answered with what it takes from the answers, from its look-ups to the end. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ACCEPTANCE, PRODUCTION } from "../../support/api-world";
import { must } from "../../support/must";
import { withManifest } from "../../support/sample-manifest";
import { startApi, type ApiUnderTest } from "../api-client";
import type { RecordedClient, Step, Taken } from "./client-shape";
import { RECORDED_CLIENTS } from "./recorded";
import { sendAsRecorded, type RawAnswer } from "./send-as-recorded";

const BYTES = "the archive's bytes";
const MOST_POLLS = 6;

let storage: Server;
let storageAddress: string;
beforeAll(async () => {
  storage = createServer((request, response) => {
    response.writeHead(200, { "content-length": Buffer.byteLength(BYTES) });
    response.end(request.method === "HEAD" ? undefined : BYTES);
  });
  await new Promise<void>((resolve) => {
    storage.listen(0, "127.0.0.1", resolve);
  });
  storageAddress = `http://127.0.0.1:${(storage.address() as AddressInfo).port}`;
});
afterAll(() => {
  storage.close();
});

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi({
    change: ({ settings }) => ({
      pause: () => work(),
      presigner: {
        getUrl: async ({ key }) => ({
          url: `${storageAddress}/${settings.TRANSFER_BUCKET}/${key}`,
          expiresAt: new Date(0),
        }),
        partUrl: async () => storageAddress,
      },
    }),
  });
});
afterEach(() => api.close());

const NEXT = { queued: "running", running: "completed", completed: "completed", failed: "failed" } as const;

/** What the workflows do between two polls: everything under way gets a step further. */
async function work(): Promise<void> {
  const { fakes } = api;
  const now = fakes.clock.now().toISOString();
  const step = ({ state }: { readonly state: keyof typeof NEXT }) => ({
    state: NEXT[state],
    updatedAt: now,
    finishedAt: NEXT[state] === "completed" ? now : null,
  });
  const isOpen = ({ state }: { readonly state: string }): boolean => state === "queued" || state === "running";
  for (const environmentId of [PRODUCTION, ACCEPTANCE]) {
    const environment = must(await fakes.catalog.getEnvironment(environmentId));
    for (const snapshot of (await fakes.catalog.listSnapshots(environmentId)).items.filter(isOpen)) {
      const next = { ...snapshot, ...step(snapshot), dumpSize: 10, filesSize: 10, fileCount: 1, missingCount: 0 };
      const { manifest } = next.state === "completed" ? await withManifest(fakes, environment, next) : snapshot;
      await fakes.catalog.updateSnapshot(environmentId, snapshot.snapshotId, { ...step(snapshot), manifest });
    }
    for (const restore of (await fakes.catalog.listRestores(environmentId)).items.filter(isOpen))
      await fakes.catalog.updateRestore(restore.restoreId, step(restore));
  }
  const { items } = await fakes.catalog.listArchives(new Date("2030-01-01T00:00:00Z"));
  for (const one of items.filter(isOpen)) await fakes.catalog.updateArchive(one.archiveId, step(one));
}

const CHECKS: Readonly<Record<Taken, (value: unknown) => boolean>> = {
  text: (value) => value === null || typeof value === "string",
  filled: (value) => typeof value === "string" && value !== "",
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  time: (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
  milliseconds: (value) => Number.isInteger(value) && Number(value) > Date.parse("2020-01-01T00:00:00Z"),
  address: (value) => typeof value === "string" && URL.canParse(value),
};

/** `[Mode=Production].EnvironmentId`, `[snapshots.state=completed].snapshot_id`, `snapshots[0].state`, `url`. */
function fieldOf(answer: unknown, field: string): unknown {
  const [, list = "", name, wanted, rest] = /^\[(?:(\w+)\.)?(\w+)=([^\]]+)\]\.(\w+)$/.exec(field) ?? [];
  if (name !== undefined) {
    const all = (list === "" ? answer : fieldOf(answer, list)) as Record<string, unknown>[];
    return all.find((one) => one[name] === wanted)?.[must(rest)];
  }
  let value = answer;
  for (const part of field.split(/[.[\]]+/).filter((one) => one !== ""))
    value = (value as Record<string, unknown> | undefined)?.[part];
  return value;
}

type Memory = Map<string, string>;
const filledIn = (text: string, memory: Memory): string =>
  text.replaceAll(/\{(\w+)\}/g, (_, name: string) => must(memory.get(name), name));

async function send(client: RecordedClient, step: Step, memory: Memory): Promise<RawAnswer> {
  const [method = "", path = ""] = must(step.sends).split(" ");
  return sendAsRecorded({
    method,
    url: `${api.base.replace("/api/v2", "")}${filledIn(path, memory)}`,
    headers: [...client.headers, ...(step.headers ?? [])].map(([name, value]) => [name, filledIn(value, memory)]),
    body: step.body,
    http: client.http ?? "1.1",
  });
}

async function replay(client: RecordedClient, step: Step, memory: Memory): Promise<void> {
  if (step.does === "downloads") return download(must(memory.get(must(step.from))));
  let answer = await send(client, step, memory);
  const isDone = (): boolean => {
    if (step.until === undefined) return true;
    if (step.until === "success") return answer.status === 200;
    return fieldOf(JSON.parse(answer.text), step.until.field) === step.until.says;
  };
  for (let poll = 0; poll < MOST_POLLS && !isDone(); poll += 1) {
    await work();
    answer = await send(client, step, memory);
  }
  const what = { client: client.kind, sends: step.sends };
  expect({ ...what, status: answer.status, text: answer.status === 200 ? "" : answer.text }).toEqual({
    ...what,
    status: 200,
    text: "",
  });
  expect({ ...what, done: isDone() }).toEqual({ ...what, done: true });
  const parsed: unknown = JSON.parse(answer.text);
  for (const [field, taken] of Object.entries(step.takes ?? {})) {
    const value = fieldOf(parsed, field);
    expect({ ...what, field, value, isTaken: CHECKS[taken](value) }).toEqual({ ...what, field, value, isTaken: true });
  }
  for (const [field, name] of Object.entries(step.remembers ?? {})) {
    const value = fieldOf(parsed, field);
    if (typeof value !== "string") throw new Error(`${client.kind}: ${field} is missing in ${answer.text}`);
    memory.set(name, value);
  }
}

async function download(url: string): Promise<void> {
  // Clients of version 1 and 2 follow no redirect.
  const answer = await fetch(url, { redirect: "manual" });
  expect([answer.status, await answer.text()]).toEqual([200, BYTES]);
}

test.each(RECORDED_CLIENTS.map((client) => [client.kind, client] as const))("%s", async (_, client) => {
  const memory: Memory = new Map([
    ["user", "owner"],
    ["key", api.keyOf("owner")],
  ]);
  for (const step of client.steps) await replay(client, step, memory);
  const asked = client.steps.some(({ does }) => does === "restores");
  expect((await api.fakes.catalog.listRestores(ACCEPTANCE)).items.length).toBe(asked ? 1 : 0);
});

test("the recorded clients are of many kinds, and every call that clients make is among theirs", () => {
  expect(new Set(RECORDED_CLIENTS.map(({ kind }) => kind)).size).toBe(RECORDED_CLIENTS.length);
  expect(RECORDED_CLIENTS.length).toBeGreaterThanOrEqual(9);
  const done = new Set(RECORDED_CLIENTS.flatMap(({ steps }) => steps.map(({ does }) => does)));
  expect([...done].toSorted()).toEqual(
    ["looks up", "lists", "creates", "polls", "asks for a download", "downloads", "restores"].toSorted(),
  );
});
