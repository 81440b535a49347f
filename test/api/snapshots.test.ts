/** The published calls on snapshots, replayed with real HTTP requests. */
import { readSnapshotRecord } from "../../lambda/catalog/records";
import { PRODUCTION, SNAPSHOTS } from "../support/api-world";
import { must } from "../support/must";
import { environmentPath, refusal, startApi, type ApiUnderTest } from "./api-client";
import { auditOf } from "./audit-of";

const LIST = `${environmentPath(PRODUCTION)}/snapshots`;
const [NIGHTLY, , , ON_DEMAND, , FAILED, EXPIRING, DELETING] = SNAPSHOTS.map(({ snapshotId }) => snapshotId);

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi({ snapshots: 5 });
});
afterEach(() => api.close());

describe("listing", () => {
  it("answers with the newest first, the total and the page", async () => {
    const { status, json } = await api.send("reader", "GET", LIST);
    expect(status).toBe(200);
    expect(json).toMatchObject({ total: 11, offset: 0, limit: 100 });
    const times: string[] = json.snapshots.map((one: { created_at: string }) => one.created_at);
    expect(times).toEqual(times.toSorted((a, b) => b.localeCompare(a)));
    expect(times).toHaveLength(11);
  });

  it("gives every field as published", async () => {
    const { json } = await api.send("reader", "GET", `${LIST}?limit=1`);
    expect(json.snapshots).toEqual([
      {
        snapshot_id: NIGHTLY,
        model_version: "1.4.0",
        comment: "Automatically created nightly snapshot",
        expires_at: "2026-12-19T00:12:00.000Z",
        state: "completed",
        status_message: "Completed backup creation",
        created_at: "2026-12-05T00:12:00.000Z",
        finished_at: "2026-12-05T00:16:00.000Z",
        updated_at: "2026-12-05T00:16:00.000Z",
        type: "Nightly",
        tier: "nightly",
        database_backup: "dump",
        database_size: 52_428_800,
        files_size: 1_073_741_824,
        size: 1_126_170_624,
        file_count: 5000,
        missing_count: 0,
        replicated_at: "2026-12-05T00:20:00.000Z",
        replication_message: null,
        warnings: [],
        warning: null,
      },
    ]);
  });

  it("names automatic snapshots Nightly, others by who made them", async () => {
    const { json } = await api.send("reader", "GET", LIST);
    const types = new Map(json.snapshots.map((one: { tier: string; type: string }) => [one.tier, one.type]));
    expect(types).toEqual(
      new Map([
        ["nightly", "Nightly"],
        ["weekly", "Nightly"],
        ["monthly", "Nightly"],
        ["on-demand", "operator"],
        ["uploaded", "owner"],
      ]),
    );
  });

  it("whoever started an automatic one", async () => {
    await api.fakes.catalog.updateSnapshot(PRODUCTION, must(NIGHTLY), { createdBy: "schedule" });
    expect((await api.send("reader", "GET", `${LIST}/${NIGHTLY}`)).json.type).toBe("Nightly");
  });

  it("pages without a gap or an overlap, and is empty beyond the end", async () => {
    const whole = (await api.send("reader", "GET", LIST)).json.snapshots;
    const pages = [];
    for (const offset of [0, 4, 8]) {
      const { json } = await api.send("reader", "GET", `${LIST}?offset=${offset}&limit=4`);
      expect(json).toMatchObject({ total: 11, offset, limit: 4 });
      pages.push(...json.snapshots);
    }
    expect(pages).toEqual(whole);
    const beyond = await api.send("reader", "GET", `${LIST}?offset=11&limit=4`);
    expect(beyond.json).toEqual({ snapshots: [], total: 11, offset: 11, limit: 4 });
    expect((await api.send("reader", "GET", `${LIST}?offset=999999999`)).json.snapshots).toEqual([]);
  });

  it.each([
    ["limit=0", /"limit" says "0"; it must be at least 1/],
    ["limit=ten", /"limit" says "ten"; it must be a whole number/],
    ["limit=1.5", /"limit"/],
    ["limit=", /"limit"/],
    ["limit=1&limit=2", /"limit"/],
    ["offset=-1", /"offset" says "-1"/],
    ["offset=1e3", /"offset"/],
  ])("refuses %s and names the parameter", async (query, sentence) => {
    const { status, json } = await api.send("reader", "GET", `${LIST}?${query}`);
    expect(status).toBe(400);
    expect(json).toEqual(refusal("INVALID_PARAMETERS", sentence));
  });
});

describe("one snapshot", () => {
  it("is shown with its failure's reason", async () => {
    const { status, json } = await api.send("reader", "GET", `${LIST}/${FAILED}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ state: "failed", size: null });
    expect(json.status_message).toMatch(/could not be reached/);
  });

  it("is there until its expiry second, and from that second on it is not", async () => {
    api.fakes.clock.set("2026-12-05T11:59:59.999Z");
    expect((await api.send("reader", "GET", `${LIST}/${EXPIRING}`)).status).toBe(200);
    expect((await api.send("reader", "GET", LIST)).json.total).toBe(12);
    api.fakes.clock.set("2026-12-05T12:00:00.000Z");
    expect((await api.send("reader", "GET", `${LIST}/${EXPIRING}`)).json).toEqual(refusal("NOT_FOUND"));
    expect((await api.send("reader", "GET", LIST)).json.total).toBe(11);
    for (const [method, body] of [["PUT", { comment: "late" }], ["DELETE"]] as const)
      expect((await api.send("owner", method, `${LIST}/${EXPIRING}`, { body })).status).toBe(404);
  });

  it.each([
    ["unknown", "00000000-0000-8000-8000-00000000ffff"],
    ["being deleted", must(DELETING)],
    ["not even an id", "%23%2F..%2F"],
    ["longer than any id", "x".repeat(3000)],
  ])("that is %s answers 404", async (_, id) => {
    const { status, json } = await api.send("reader", "GET", `${LIST}/${id}`);
    expect(status).toBe(404);
    expect(json).toEqual(refusal("NOT_FOUND"));
  });
});

describe("creating", () => {
  it("queues a snapshot with the comment and the person's name, and audits it first", async () => {
    const { status, json } = await api.send("operator", "POST", LIST, { body: { comment: "before 2.0" } });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      state: "queued",
      comment: "before 2.0",
      type: "operator",
      tier: "on-demand",
      created_at: "2026-12-05T12:00:00.000Z",
      expires_at: "2027-03-05T12:00:00.000Z",
      status_message: null,
      updated_at: null,
      finished_at: null,
    });
    expect(api.fakes.workflows.started).toHaveLength(1);
    expect(auditOf(api)).toMatchObject([
      { action: "snapshot.create", by: "operator", details: { snapshotId: json.snapshot_id } },
    ]);
  });

  it.each([
    ["no body", {}],
    ["an empty body said to be JSON", { headers: { "Content-Type": "application/json" }, body: "" }],
    ["an empty object", { body: {} }],
  ])("needs nothing: %s", async (_, options) => {
    const { status, json } = await api.send("operator", "POST", LIST, options);
    expect(status).toBe(200);
    expect(json.comment).toBe("");
  });

  it("reads JSON whatever its content type says, as curl sends it", async () => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const { json } = await api.send("operator", "POST", LIST, { headers, body: '{"comment":"by curl"}' });
    expect(json.comment).toBe("by curl");
  });

  it.each([
    ["a comment that is no text", { comment: 7 }, /"comment" says 7; it must be a string/],
    ["a comment too long", { comment: "x".repeat(1001) }, /"comment" .* at most 1000/],
    ["a list", [], /body/i],
    ["no JSON", "{", /not valid JSON/],
  ])("refuses %s", async (_, body, sentence) => {
    const { status, json } = await api.send("operator", "POST", LIST, { body });
    expect(status).toBe(400);
    expect(json).toEqual(refusal("INVALID_PARAMETERS", sentence));
    expect(api.fakes.workflows.started).toEqual([]);
  });

  it("asked again with the same Idempotency-Key is the same snapshot, in each environment its own", async () => {
    const headers = { "Idempotency-Key": "0b6ad33e-53a5-4a0e-9d35-0a5a1c9cf7d2" };
    const first = await api.send("operator", "POST", LIST, { headers });
    const again = await api.send("operator", "POST", LIST, { headers });
    expect(again.json).toEqual(first.json);
    expect(api.fakes.workflows.started).toHaveLength(1);
    const other = await api.send("operator", "POST", `${environmentPath("shop-acceptance")}/snapshots`, { headers });
    expect(other.json.snapshot_id).not.toBe(first.json.snapshot_id);
    const bad = await api.send("operator", "POST", LIST, { headers: { "Idempotency-Key": "again" } });
    expect(bad.json).toEqual(refusal("INVALID_PARAMETERS", /"idempotency-key" says "again"; it must be a UUID/));
  });
});

describe("changing the comment", () => {
  it("leaves updated_at, and stands in the record from which the catalog can be rebuilt", async () => {
    const before = (await api.send("reader", "GET", `${LIST}/${NIGHTLY}`)).json;
    const { status, json } = await api.send("operator", "PUT", `${LIST}/${NIGHTLY}`, { body: { comment: "keep" } });
    expect(status).toBe(200);
    expect(json).toEqual({ ...before, comment: "keep" });
    expect((await api.send("reader", "GET", `${LIST}/${NIGHTLY}`)).json).toEqual(json);
    const place = must(await api.fakes.catalog.getEnvironment(PRODUCTION));
    expect(await readSnapshotRecord(place, must(NIGHTLY), api.fakes)).toMatchObject({
      comment: "keep",
      deletion: null,
    });
    expect(auditOf(api)).toMatchObject([{ action: "snapshot.comment", by: "operator" }]);
  });

  it("needs a comment", async () => {
    const { status, json } = await api.send("operator", "PUT", `${LIST}/${NIGHTLY}`);
    expect(status).toBe(400);
    expect(json).toEqual(refusal("INVALID_PARAMETERS", /"comment" is missing/));
  });

  it("changes nothing when the audit record can't be written", async () => {
    api.fakes.store.onRequest = () => {
      throw new Error("The store is away.");
    };
    const { status, json } = await api.send("operator", "PUT", `${LIST}/${NIGHTLY}`, { body: { comment: "keep" } });
    expect(status).toBe(500);
    expect(json).toEqual(refusal("SERVICE_UNAVAILABLE", /try again/));
    api.fakes.store.onRequest = undefined;
    expect((await api.send("reader", "GET", `${LIST}/${NIGHTLY}`)).json.comment).toMatch(/^Automatically/);
  });
});

describe("deleting", () => {
  it("starts the deletion once, with who asked, and the snapshot is gone at once", async () => {
    const { status, text } = await api.send("owner", "DELETE", `${LIST}/${ON_DEMAND}`);
    expect(status).toBe(204);
    expect(text).toBe("");
    expect(api.fakes.workflows.started).toMatchObject([
      {
        stateMachineArn: api.fakes.settings.DELETION_STATE_MACHINE_ARN,
        input: { environmentId: PRODUCTION, snapshotId: ON_DEMAND, requestedBy: "owner" },
      },
    ]);
    expect(auditOf(api)).toMatchObject([
      { action: "snapshot.delete", by: "owner", details: { snapshotId: ON_DEMAND } },
    ]);
    expect((await api.send("owner", "DELETE", `${LIST}/${ON_DEMAND}`)).status).toBe(404);
    expect((await api.send("owner", "GET", `${LIST}/${ON_DEMAND}`)).status).toBe(404);
    expect((await api.send("owner", "GET", LIST)).json.total).toBe(10);
    expect(api.fakes.workflows.started).toHaveLength(1);
  });

  it("refuses what is queued or running", async () => {
    const { json: created } = await api.send("operator", "POST", LIST);
    for (const state of ["queued", "running"] as const) {
      await api.fakes.catalog.updateSnapshot(PRODUCTION, created.snapshot_id, { state });
      const { status, json } = await api.send("owner", "DELETE", `${LIST}/${created.snapshot_id}`);
      expect(status).toBe(400);
      expect(json).toEqual(refusal("INVALID_STATE", new RegExp(`is ${state}`)));
    }
  });

  it("also of a failed one", async () => {
    expect((await api.send("owner", "DELETE", `${LIST}/${FAILED}`)).status).toBe(204);
  });

  it("answers after a lost reply as if it had been the first, and starts nothing twice", async () => {
    api.fakes.table.onRequest = (operation) => {
      if (operation === "update") throw new Error("The table is away.");
    };
    expect((await api.send("owner", "DELETE", `${LIST}/${ON_DEMAND}`)).status).toBe(500);
    api.fakes.table.onRequest = undefined;
    expect((await api.send("owner", "DELETE", `${LIST}/${ON_DEMAND}`)).status).toBe(204);
    expect(api.fakes.workflows.started).toHaveLength(1);
  });
});

test("in compliance mode deleting answers with the date from which it is possible", async () => {
  const compliance = await startApi({ settings: { LOCK_MODE: "COMPLIANCE" } });
  try {
    const { status, json } = await compliance.send("owner", "DELETE", `${LIST}/${ON_DEMAND}`);
    expect(status).toBe(400);
    expect(json).toEqual(refusal("NOT_SUPPORTED", /before 2027-03-04T15:00:00Z/));
    expect(compliance.fakes.workflows.started).toEqual([]);
    expect(auditOf(compliance)).toEqual([]);
    expect((await compliance.send("owner", "GET", `${LIST}/${ON_DEMAND}`)).status).toBe(200);
  } finally {
    await compliance.close();
  }
});
