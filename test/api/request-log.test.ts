/** What is logged of a request: one line by its route, and never a key, a token, a link, an address or a body. */
import { createLogger } from "../../lambda/runtime/logger";
import { PRODUCTION, SNAPSHOTS } from "../support/api-world";
import { must } from "../support/must";
import { environmentPath, startApi, type ApiUnderTest } from "./api-client";

const SNAPSHOT = `${environmentPath(PRODUCTION)}/snapshots/${must(SNAPSHOTS[0]).snapshotId}`;
const lines: { message: string; details: Record<string, unknown> }[] = [];
const write = (message: string, details: Record<string, unknown>): void => {
  lines.push({ message, details });
};

let api: ApiUnderTest;
beforeAll(async () => {
  const log = createLogger("api", { info: write, warn: write, error: write });
  api = await startApi({ change: () => ({ log }) });
});
afterAll(() => api.close());
beforeEach(() => {
  lines.length = 0;
});

test("one line a request: method, route, status, caller, time and id", async () => {
  await api.send("reader", "GET", `${SNAPSHOT}?note=private`);
  expect(lines).toEqual([
    {
      message: "request",
      details: {
        method: "GET",
        route: "/api/v2/apps/:projectId/environments/:environmentId/snapshots/:snapshotId",
        status: 200,
        caller: "reader",
        milliseconds: expect.any(Number) as unknown,
        requestId: expect.stringMatching(/^request-\d+$/) as unknown,
        correlationId: must(SNAPSHOTS[0]).snapshotId,
      },
    },
  ]);
});

test("the answer names the work that it is about: what was asked for, what came into being, or the request", async () => {
  const correlationOf = async (...call: Parameters<ApiUnderTest["send"]>) => {
    const { headers, json } = await api.send(...call);
    return { id: headers.get("x-correlation-id"), request: headers.get("x-request-id"), json };
  };
  expect((await correlationOf("reader", "GET", SNAPSHOT)).id).toBe(must(SNAPSHOTS[0]).snapshotId);
  const created = await correlationOf("operator", "POST", `${environmentPath(PRODUCTION)}/snapshots`, { body: {} });
  expect(created.id).toBe(created.json.snapshot_id);
  const archive = await correlationOf("restorer", "POST", `${SNAPSHOT}/archives`);
  expect(archive.id).toBe(archive.json.archive_id);
  const me = await correlationOf("reader", "GET", "/me");
  expect(me.id).toBe(me.request);
});

test("nobody who could not sign in has a name in it", async () => {
  await api.send(null, "GET", "/me", { headers: { "Mendix-Username": "guessed", "Mendix-ApiKey": "wrong" } });
  expect(lines).toMatchObject([{ details: { status: 403, caller: null } }]);
});

test("no key, link, presigned address, comment or query stands in it, whatever is called", async () => {
  const archive = (await api.send("restorer", "POST", `${SNAPSHOT}/archives`)).json;
  await api.fakes.catalog.updateArchive(archive.archive_id, { state: "completed", finishedAt: "2026-12-05T12:00:00Z" });
  const { url, link } = (await api.send("restorer", "GET", `${SNAPSHOT}/archives/${archive.archive_id}`)).json;
  const followed = await api.send(null, "GET", link.slice(api.base.length));
  const upload = (
    await api.send("operator", "POST", `${environmentPath(PRODUCTION)}/uploads`, {
      body: { file_name: "a.tar.gz", size: 1, comment: "private-comment" },
    })
  ).json;
  const addresses = (
    await api.send("operator", "POST", `${environmentPath(PRODUCTION)}/uploads/${upload.upload_id}/parts`, {
      body: { part_numbers: [1] },
    })
  ).json;
  await api.send("reader", "GET", `${SNAPSHOT}?token=private-query`);
  await api.send(null, "GET", "/me", { headers: { Authorization: "Bearer private.bearer.token" } });
  await api.send(null, "GET", "/nowhere/private-path");
  const text = JSON.stringify(lines);
  const secrets = {
    "a key": api.keyOf("restorer"),
    "a link": must(link.split("/").at(-1)),
    "an archive's address": url,
    "a download's address": must(followed.headers.get("location")),
    "a part's address": addresses.parts[0].url,
    "a comment": "private-comment",
    "a query": "private-query",
    "a token": "private.bearer.token",
    "a path": "private-path",
  };
  expect(lines).toHaveLength(8);
  // Named, so that a failure doesn't show what it found.
  expect(
    Object.entries(secrets)
      .filter(([, secret]) => text.includes(secret))
      .map(([name]) => name),
  ).toEqual([]);
});
