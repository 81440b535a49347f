/**
 * Every warning that a snapshot can carry, played: it stands on the snapshot in the API, for operators, on the page and
 * on the command line, in the plan of a restore, and in the documents.
 */
import { runCommandLine } from "../../bin/command-line/run-command-line";
import type { Finding, RestorePlan, SnapshotItem } from "../../lambda/catalog/items";
import { publicSnapshotOf } from "../../lambda/requests/public-views";
import { PLAN_REFUSALS, PLAN_WARNINGS } from "../../lambda/restore/plan-findings";
import { requestRestore } from "../../lambda/restore/request";
import { SNAPSHOT_WARNINGS, type SnapshotWarningCode } from "../../lambda/snapshot/warnings";
import { NOTHING_ELSE } from "../cli/cli-fixture";
import { axeFindings, expectShown, openRowAction, rowOf, useSite } from "../console/page-fixture";
import { RESTORE_MACHINE } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { furnish, SOURCE, TARGET } from "../crash/small-world";
import { must } from "../support/must";
import type { PostgresServer } from "../support/postgres";
import { documented } from "./document";
import { SCENARIOS } from "./scenarios";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));
const { site, open, now } = useSite();

interface Played {
  readonly item: SnapshotItem;
  readonly plan: RestorePlan;
}
/** The snapshot taken and a restore of it planned; scenarios that are the same are played once. */
const play = async (code: SnapshotWarningCode): Promise<Played> => {
  const { take, before = (item) => item } = SCENARIOS[code];
  const world = { service: new SimulatedService(postgres), postgres };
  await furnish(world);
  const snapshotId = await take(world);
  const { catalog } = world.service.base;
  const { restoreId } = await requestRestore(
    world.service.outside(),
    {
      sourceEnvironmentId: SOURCE,
      snapshotId,
      targetEnvironmentId: TARGET,
      databaseOnly: false,
      acknowledged: [],
      requestedBy: "a test",
      planOnly: true,
    },
    RESTORE_MACHINE,
  );
  await world.service.drain();
  const planned = must(await catalog.getRestore(restoreId));
  if (planned.plan === null) throw new Error(`There is no plan: ${planned.statusMessage}`);
  return { item: before(must(await catalog.getSnapshot(SOURCE, snapshotId))), plan: planned.plan };
};

const CODES = Object.keys(SNAPSHOT_WARNINGS) as SnapshotWarningCode[];
const minuteOf = (code: SnapshotWarningCode): string => String(10 + CODES.indexOf(code));
/** As the API's world lists it, beside its own. */
const listed = (code: SnapshotWarningCode, item: SnapshotItem): SnapshotItem => ({
  ...item,
  snapshotId: `warned-${code}`,
  createdAt: `2026-12-05T01:${minuteOf(code)}:00Z`,
  expiresAt: "2027-03-01T00:00:00Z",
  replicatedAt: null,
});
const commandLine = async (...args: string[]): Promise<string> => {
  const out: string[] = [];
  const variables = {
    BACKUPS_URL: site().address,
    BACKUPS_USERNAME: "reader",
    BACKUPS_API_KEY: site().world.keyOf("reader"),
  };
  const surroundings = { ...NOTHING_ELSE, variables, fetch, out: (line: string) => out.push(line), err: fail };
  expect(await runCommandLine(args, surroundings)).toBe(0);
  return out.join("\n");
};

const played = new Map<SnapshotWarningCode, Played>();
test.each(CODES)(
  "%s: in the API, for operators, on the command line, in the plan and in the documents",
  async (code) => {
    const { item, plan } = await play(code);
    const snapshot = listed(code, item);
    await site().world.fakes.catalog.createSnapshot(snapshot);
    played.set(code, { item: snapshot, plan });

    const answer = await fetch(
      `${site().address}/api/v2/apps/shop/environments/${SOURCE}/snapshots/${snapshot.snapshotId}`,
      {
        headers: { "Mendix-Username": "reader", "Mendix-ApiKey": site().world.keyOf("reader") },
      },
    );
    const { warnings } = (await answer.json()) as { warnings: Finding[] };
    const warning = must(warnings.find((one) => one.code === code));
    expect(warning.message).toMatch(/^\S.*\.$/);
    expect(warnings.length).toBeLessThanOrEqual(50);
    expect(publicSnapshotOf(snapshot, new Date(now())).warnings).toEqual(warnings);

    const line = `warning: ${warning.message} [${code}]`;
    expect((await commandLine("snapshot", SOURCE, snapshot.snapshotId)).split("\n")).toContain(line);
    // The list has a line for each snapshot, and only the code has room there.
    expect((await commandLine("snapshots", SOURCE)).split("\n")).toContainEqual(
      expect.stringMatching(`^${snapshot.snapshotId} .*warning.*\\b${code}\\b`),
    );
    expect(JSON.parse(await commandLine("snapshot", SOURCE, snapshot.snapshotId, "--json"))).toMatchObject({
      warnings,
    });

    const inPlan = SNAPSHOT_WARNINGS[code];
    if (inPlan === null) expect(plan.warnings).toContainEqual(warning);
    else if (inPlan === "") expect(plan.warnings.map((one) => one.code)).not.toContain(code);
    else expect(plan.warnings.map((one) => one.code)).toContain(inPlan);
    expect(documented("On a snapshot")).toContain(code);
  },
  120_000,
);

test("on the page: a sign in the list, every sentence in the details", async () => {
  expect(played.size).toBe(CODES.length);
  const page = await open();
  await expectShown(rowOf(page, "05 Dec 2026, 01:10"));
  expect(await axeFindings(page, "main")).toEqual([]);
  for (const [code, { item }] of played) {
    const row = `05 Dec 2026, 01:${minuteOf(code)}`;
    const warnings = item.warnings ?? [{ code, message: item.statusMessage }];
    const missing = item.missingCount ?? 0;
    const others = warnings.filter((one) => missing === 0 || one.code !== "FilesMissing").length;
    const sign = [
      "Completed",
      ...(missing === 0 ? [] : [`${missing} ${missing === 1 ? "file" : "files"} missing`]),
      ...(others === 0 ? [] : [`${others} ${others === 1 ? "warning" : "warnings"}`]),
    ].join(", ");
    await expectShown(rowOf(page, row).getByText(sign, { exact: true }));
    const dialog = await openRowAction(page, row, "Details");
    for (const { message } of warnings) await expectShown(dialog.getByText(`${message} [`, { exact: false }));
    expect(await dialog.getByText(`[${code}]`).count()).toBeGreaterThan(0);
    if (code === CODES[0]) expect(await axeFindings(page, "[role=dialog]")).toEqual([]);
    await page.getByRole("button", { name: "Close the dialogue" }).click();
  }
}, 120_000);

test("a plan's own words for a snapshot's warning are words that a plan has", () => {
  const words = new Set<string>([...PLAN_REFUSALS, ...PLAN_WARNINGS]);
  const named = Object.values(SNAPSHOT_WARNINGS).filter((word) => word !== null && word !== "");
  expect(named.filter((word) => !words.has(word))).toEqual([]);
});

const fail = (line: string): void => {
  throw new Error(line);
};
