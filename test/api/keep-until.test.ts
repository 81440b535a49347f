/** Keeping a snapshot longer, and the warning before the last one expires, through the API. */
import type { KeepRequest } from "../../lambda/keep/contract";
import { KEEP_START } from "../../lambda/keep/contract";
import { keepSnapshot } from "../../lambda/keep/keep-snapshot";
import { PRODUCTION, SNAPSHOTS } from "../support/api-world";
import { must } from "../support/must";
import { environmentPath, refusal, startApi, type ApiUnderTest } from "./api-client";
import { auditOf } from "./audit-of";

const LIST = `${environmentPath(PRODUCTION)}/snapshots`;
const NIGHTLY = must(SNAPSHOTS[0]).snapshotId;
const FAILED = must(SNAPSHOTS[5]).snapshotId;
const UNTIL = "2027-12-31T00:00:00Z";

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const keep = (person: string, until: string, snapshotId = NIGHTLY) =>
  api.send(person, "PUT", `${LIST}/${snapshotId}/keep-until`, { body: { until } });

test("an administrator's wish is audited, then started, and shows its old expiry until it is done", async () => {
  const { status, json } = await keep("owner", UNTIL);
  expect({ status, expires: json.expires_at }).toEqual({ status: 200, expires: "2026-12-19T00:12:00.000Z" });
  expect(auditOf(api)).toMatchObject([
    {
      action: "snapshot.keep",
      by: "owner",
      details: { snapshotId: NIGHTLY, until: UNTIL, before: "2026-12-19T00:12:00Z" },
    },
  ]);
  const started = must(api.fakes.workflows.started[0]);
  expect(started).toMatchObject({
    stateMachineArn: api.fakes.settings.KEEP_STATE_MACHINE_ARN,
    input: { environmentId: PRODUCTION, snapshotId: NIGHTLY, until: UNTIL, requestedBy: "owner" },
  });
  const input = { ...(started.input as KeepRequest), executionArn: "keep-1", progress: KEEP_START };
  // Its objects are made up here: nothing can be locked, so nothing is promised.
  expect(await keepSnapshot(input, api.fakes)).toMatchObject({ outcome: "refused" });
  expect((await api.send("reader", "GET", `${LIST}/${NIGHTLY}`)).json.expires_at).toBe("2026-12-19T00:12:00.000Z");
});

test.each([
  [
    "earlier than its expiry",
    "2026-12-18T00:00:00Z",
    NIGHTLY,
    "INVALID_PARAMETERS",
    /kept until .* already, and its locks can't be shortened/,
  ],
  ["in the past", "2026-12-05T11:59:59Z", NIGHTLY, "INVALID_PARAMETERS", /is in the past/],
  ["in more than ten years", "2036-12-05T12:00:01Z", NIGHTLY, "INVALID_PARAMETERS", /10 years from now at most/],
  ["no time at all", "soon", NIGHTLY, "INVALID_PARAMETERS", /until/],
  ["of a failed one", UNTIL, FAILED, "INVALID_PARAMETERS", /is failed; only a completed one can be kept/],
  ["of one that expires at this very second", UNTIL, must(SNAPSHOTS[6]).snapshotId, "NOT_FOUND", /has no snapshot/],
] as const)("refused: %s", async (_name, until, snapshotId, code, sentence) => {
  const { json } = await keep("owner", until, snapshotId);
  expect(json).toEqual(refusal(code, sentence));
  expect(api.fakes.workflows.started).toEqual([]);
  expect(auditOf(api)).toEqual([]);
});

test("without the audit record nothing is started", async () => {
  api.fakes.store.onRequest = () => {
    throw new Error("The store is away.");
  };
  expect((await keep("owner", UNTIL)).status).toBe(500);
  expect(api.fakes.workflows.started).toEqual([]);
});

test("in the last snapshot's last week, it and the environment carry the warning", async () => {
  const warnings = async (): Promise<readonly (string | null)[]> => {
    const one = await api.send("reader", "GET", `${LIST}/${NIGHTLY}`);
    const list = await api.send("reader", "GET", LIST);
    const environment = await api.send("reader", "GET", environmentPath(PRODUCTION));
    const ofList = (list.json.snapshots as { warning: string | null }[]).filter(({ warning }) => warning !== null);
    expect(ofList).toHaveLength(one.json.warning === null ? 0 : 1);
    return [one.json.warning, environment.json.warning, ofList[0]?.warning ?? null];
  };
  expect(await warnings()).toEqual([null, null, null]);
  api.fakes.clock.set("2026-12-12T00:11:59Z");
  expect(await warnings()).toEqual([null, null, null]);
  api.fakes.clock.set("2026-12-12T00:12:00Z");
  const sentence = expect.stringMatching(
    /^The last snapshot, of 2026-12-05T00:12:00Z, expires on 2026-12-19T00:12:00Z and no newer one exists: then the newest that is left is the one of 2026-12-04T15:00:00Z/,
  );
  expect(await warnings()).toEqual([sentence, sentence, sentence]);
});
