/** Every note that a restore's result can have: in the API, for operators, on the command line, and with drills. */
import { describeRestore } from "../../bin/command-line/describe-restore";
import { drillView } from "../../lambda/api/views/drill";
import { restoreView } from "../../lambda/api/views/restore";
import type { RestoreItem } from "../../lambda/catalog/items";
import { newDrill } from "../../lambda/drill/new-drill";
import { judge } from "../../lambda/drill/finish";
import { publicDrillOf } from "../../lambda/drill/public-drill";
import { noNotes, notesAsFindings } from "../../lambda/dump/fill-notes";
import { publicRestoreOf } from "../../lambda/requests/public-views";
import { restoredSentence } from "../../lambda/restore/finish";
import { notesOf, RESTORE_NOTES } from "../../lambda/restore/restore-notes";
import { restoreItem } from "../catalog/catalog-fixtures";

/** As the database task notes what it could not make, one name of each kind. */
const filled = notesAsFindings(
  Object.fromEntries(Object.keys(noNotes()).map((kind) => [kind, new Set([`of ${kind}`])])) as never,
);
const restore: RestoreItem = {
  ...restoreItem("restore-1"),
  state: "completed",
  database: {
    oldOid: 1,
    newName: "new",
    newOid: 2,
    restored: true,
    oldList: [],
    analyzed: false,
    notes: filled,
    swappedAt: "2026-12-05T00:00:00Z",
    removed: 0,
    oldDropped: false,
    left: { count: 2, keys: ["a", "b"], reason: "The bucket refused it." },
    noOldFiles: "Nothing is known of its files.",
    oldLeft: { database: "shop__old", reason: "Somebody uses it.", triedAt: "2026-12-05T00:00:00Z" },
  },
};

test("each code is said, once, and none that is not on the list", () => {
  expect(
    notesOf(restore)
      .map(({ code }) => code)
      .toSorted(),
  ).toEqual([...RESTORE_NOTES]);
  expect(notesOf(restoreItem("plain"))).toEqual([]);
});

test.each(RESTORE_NOTES.map((code) => [code]))("%s", (code) => {
  const note = notesOf(restore).find((one) => one.code === code);
  expect(note?.message).toMatch(/^\S.*\.$/);
  expect(restoreView(restore, new Date()).notes).toContainEqual(note);
  expect(publicRestoreOf(restore).notes).toContainEqual(note);
  const told = { ...restore, statusMessage: restoredSentence(restore) };
  expect(describeRestore(publicRestoreOf(told)).join("\n")).toContain(`${note?.message} [${code}]`);
});

test("a drill that could not put everything back has passed, and says what", () => {
  const standing = newDrill({ drillId: "d", environmentId: "e", snapshotId: "s", requestedBy: "a test" }, new Date(0));
  const drill = {
    ...standing,
    notes: [...filled],
    database: { tables: 1, rows: 1, bytes: 1, largeObjects: 0 },
    files: { ...standing.files, done: true },
    closure: { proven: true, reason: null, named: 0 },
  };
  const { outcome, message } = judge(drill, undefined);
  expect(outcome).toBe("passed");
  for (const { code, message: said } of filled) expect(message).toContain(`${said} [${code}]`);
  expect(drillView(publicDrillOf(drill)).notes).toEqual(filled);
  expect(drillView(publicDrillOf(standing)).notes).toEqual([]);
});

test("a drill of which nobody looked whether files and database belong together has not come to its end", () => {
  const standing = newDrill({ drillId: "d", environmentId: "e", snapshotId: "s", requestedBy: "a test" }, new Date(0));
  const database = { tables: 1, rows: 1, bytes: 1, largeObjects: 0 };
  expect(judge({ ...standing, database, files: { ...standing.files, done: true } }, undefined)).toMatchObject({
    outcome: "failed",
    message: expect.stringContaining("did not come to its end") as string,
  });
});
