/** What a plan comes to in words and time, each rule by itself. */
import type { Finding, RestorePlan } from "../../lambda/catalog/items";
import { estimatedSeconds } from "../../lambda/restore/estimate";
import { heldSentence, planSentence, refusalOf, wentOverSentence } from "../../lambda/restore/plan-sentences";

const MIB = 1024 ** 2;
const finding = (code: string): Finding => ({ code, message: `Because of ${code}.` });
const planned = (change: Partial<RestorePlan>): RestorePlan =>
  ({ refusals: [], warnings: [], estimatedSeconds: 600, ...change }) as RestorePlan;
const sentence = (change: Partial<RestorePlan>, acknowledged: readonly string[] = []) =>
  planSentence(planned(change), acknowledged);

test("how long a restore takes: its fixed part, the dump, and the slower of files' bytes and number", () => {
  const seconds = (dumpSize: number, bytesToPut: number, filesToPut: number, instance?: boolean) =>
    estimatedSeconds({ dumpSize, bytesToPut, filesToPut, ...(instance === undefined ? {} : { instance }) });
  expect(seconds(0, 0, 0)).toBe(180);
  expect(seconds(1, 0, 0)).toBe(181);
  expect(seconds(150 * MIB, 0, 0)).toBe(190);
  expect(seconds(150 * MIB, 600 * MIB, 300)).toBe(200);
  expect(seconds(150 * MIB, 60 * MIB, 6_000)).toBe(210);
  expect(seconds(0, 0, 0, true)).toBe(180 + 2_700);
  expect(seconds(0, 0, 0, false)).toBe(180);
});

test("refusals alone are told, whatever has been acknowledged", () => {
  const change = { refusals: [finding("A"), finding("B")], warnings: [finding("W")] };
  expect(refusalOf(planned(change))).toBe("Because of A. Because of B.");
  expect(heldSentence(planned(change), { acknowledged: [] })).toBeUndefined();
  expect(sentence(change)).toBe("The restore can't go ahead. Because of A. Because of B.");
});

test("warnings hold it up until each is acknowledged", () => {
  const change = { warnings: [finding("V"), finding("W")] };
  const held = (acknowledged: readonly string[], overWarnings = false) =>
    heldSentence(planned(change), { acknowledged, overWarnings });
  expect(held(["V"])).toBe(
    "Nothing was touched: the restore waits for warnings to be acknowledged: W (Because of W). Read them, then restore again with acknowledge=V,W.",
  );
  expect(held([])).toMatch(/acknowledged: V \(Because of V\); W \(Because of W\)\..* acknowledge=V,W\.$/);
  expect(held(["V", "W"])).toBeUndefined();
  expect(held(["*"])).toBeUndefined();
  expect(held([], true)).toBeUndefined();
  expect(refusalOf(planned(change))).toBeUndefined();
  expect(wentOverSentence(planned(change), { acknowledged: [], overWarnings: true })).toBe(
    "Warnings that nobody acknowledged: V (Because of V); W (Because of W).",
  );
  expect(wentOverSentence(planned(change), { acknowledged: ["V", "W"] })).toBe("");
  expect(sentence({ ...change, noOldFiles: "No old files." }, ["V"])).toBe(
    "The restore can go ahead once these warnings are acknowledged; it takes about 10 minutes. Because of W. No old files.",
  );
  expect(sentence({ ...change, noOldFiles: "No old files." }, ["*"])).toBe(
    "The restore can go ahead; it takes about 10 minutes. No old files.",
  );
  expect(sentence({ filesToRemove: 1 })).toBe(
    "The restore can go ahead; it takes about 10 minutes. 1 file of the target that the snapshot does not have is removed.",
  );
  expect(sentence({ filesToRemove: 1234, ...change }, ["*"])).toBe(
    "The restore can go ahead; it takes about 10 minutes. 1,234 files of the target that the snapshot does not have are removed.",
  );
  expect(sentence({ filesToRemove: null })).toBe(
    "The restore can go ahead; it takes about 10 minutes. Files that the target's database names and the snapshot doesn't are removed; nobody could count them in time.",
  );
  expect(sentence({ filesToRemove: 0 })).toBe("The restore can go ahead; it takes about 10 minutes.");
  expect(sentence({})).toBe("The restore can go ahead; it takes about 10 minutes.");
});

test.each([
  [0, "a minute"],
  [89, "a minute"],
  [90, "2 minutes"],
  [89 * 60, "89 minutes"],
  [90 * 60, "2 hours"],
  [149 * 60, "2 hours"],
  [150 * 60, "3 hours"],
])("%d seconds are %s", (estimated, words) =>
  expect(sentence({ estimatedSeconds: estimated })).toBe(`The restore can go ahead; it takes about ${words}.`),
);
