/** Where the tests of a folder of `lambda/` are: the folder of the same name, and files beside it that hold its rules. */
const BESIDES = new Map([
  ["lambda/deletion", ["test/api/deletion.test.ts", "test/keep/keep-snapshot.test.ts"]],
  ["lambda/keep", ["test/api/keep-until.test.ts", "test/retention/warn-last.test.ts"]],
  ["lambda/replication-check", ["test/keep/keep-snapshot.test.ts"]],
  ["lambda/retention", ["test/deletion/delete-snapshot.test.ts"]],
  ["lambda/rules", ["test/restore/rules.test.ts", "test/keep/keep-snapshot.test.ts"]],
]);

export const featureOf = (path: string): string => path.split("/").slice(0, 2).join("/");

export const testsOf = (feature: string): readonly string[] => [
  feature.replace(/^lambda/, "test"),
  ...(BESIDES.get(feature) ?? []),
];
