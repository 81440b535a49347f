/** Changes that make no difference, each with the reason: they are looked for by the line's text and the change. */
import type { Mutant } from "./mutants";

interface Known {
  readonly file: string;
  /** As `npm run mutate` prints it. */
  readonly what: string;
  /** Part of the line's text. */
  readonly on: string;
  readonly reason: string;
}

const KNOWN: readonly Known[] = [
  {
    file: "lambda/retention/living.ts",
    what: "found?.facts → true",
    on: "addNeeded",
    reason: "what lives has a manifest that could be read; the condition is for the compiler",
  },
  {
    file: "lambda/retention/living.ts",
    what: "evidence.keptUntil.get(snapshotId) ?? null → evidence.keptUntil.get(snapshotId)",
    on: "effectiveExpiry",
    reason: "no date and none at all are the same to the rule; null is for the compiler",
  },
  {
    file: "lambda/retention/living.ts",
    what: "item === undefined → false",
    on: 'return { is: "unfinished" }',
    reason: "every snapshot has an item or a manifest; the condition is for the compiler",
  },
  {
    file: "lambda/retention/plan.ts",
    what: 'context.judgement.ending.get(user)?.reason ?? "" → context.judgement.ending.get(user)?.reason',
    on: "snapshot ${user}",
    reason: "a pack has users only among ending snapshots; the text is for the compiler",
  },
  {
    file: "lambda/retention/plan.ts",
    what: 'endedFate(snapshotId, "records", { judgement }) ?? KEPT → endedFate(snapshotId, "records", { judgement })',
    on: "KEPT",
    reason: "asked only of ending snapshots; the other side is for the compiler",
  },
  {
    file: "lambda/replication-check/check-objects.ts",
    what: "16 → 17",
    on: "OBJECTS_AT_ONCE",
    reason: "how many at once is a matter of speed",
  },
  {
    file: "lambda/replication-check/check-objects.ts",
    what: "ref === undefined || info === undefined → info === undefined",
    on: "ref",
    reason: "without a version nothing is looked for; the condition is for the compiler",
  },
  {
    file: "lambda/deletion/delete-snapshot.ts",
    what: 'snapshot.state === "running" → true',
    on: "settleStaleSnapshots",
    reason: "settling finds nothing where nothing is stale; the condition saves requests",
  },
  {
    file: "lambda/deletion/delete-snapshot.ts",
    what: 'execution.refused[0] ?? { side: "primary", key: "", code: "" } → execution.refused[0]',
    on: "execution.refused[0]",
    reason: "there is a first one; the other side is for the compiler",
  },
  {
    file: "lambda/replication-check/check-replication.ts",
    what: "environment === undefined || snapshot === undefined → environment === undefined",
    on: "snapshot.manifest === null",
    reason: "both are known here; the conditions are for the compiler",
  },
  {
    file: "lambda/replication-check/check-replication.ts",
    what: "environment === undefined || snapshot === undefined → snapshot === undefined",
    on: "snapshot.manifest === null",
    reason: "both are known here; the conditions are for the compiler",
  },
  {
    file: "lambda/replication-check/check-replication.ts",
    what: "environment === undefined || snapshot === undefined || snapshot.manife… → snapshot.manifest === null",
    on: "snapshot.manifest === null",
    reason: "both are known here; the conditions are for the compiler",
  },
  {
    file: "lambda/keep/lock-objects.ts",
    what: "16 → 17",
    on: "OBJECTS_AT_ONCE",
    reason: "how many at once is a matter of speed",
  },
  {
    file: "lambda/keep/lock-objects.ts",
    what: "256 → 257",
    on: "BATCH",
    reason: "how many in a row is a matter of speed",
  },
  {
    file: "lambda/keep/lock-objects.ts",
    what: "versionId === undefined || info === undefined → info === undefined",
    on: "versionId",
    reason: "without a version nothing is looked for; the condition is for the compiler",
  },
  {
    file: "lambda/retention/evidence.ts",
    what: "keptUntil ?? null → keptUntil",
    on: "laterOf",
    reason: "no date and none at all are the same to the rule; null is for the compiler",
  },
  {
    file: "lambda/retention/warn-last.ts",
    what: 'warningOf(last) ?? "" → warningOf(last)',
    on: "warningOf",
    reason: "there is a sentence from the first lead on; the other side is for the compiler",
  },
  {
    file: "lambda/keep/keep-snapshot.ts",
    what: "record?.keepUntil ?? null → record?.keepUntil",
    on: "laterOf",
    reason: "no date and none at all are the same to the rule; null is for the compiler",
  },
  {
    file: "lambda/keep/keep-snapshot.ts",
    what: "a.key < b.key → a.key <= b.key",
    on: "toSorted",
    reason: "no two objects of a snapshot have the same key",
  },
  {
    file: "lambda/keep/keep-snapshot.ts",
    what: "1 → 2",
    on: "toSorted",
    reason: "only the sign counts",
  },
  {
    file: "lambda/retention/census.ts",
    what: "!isUnderWay && completedAt !== null → !isUnderWay",
    on: "completedAt !== null",
    reason: "no date is never less than a day ago; the condition is for the compiler",
  },
  {
    file: "lambda/retention/read-manifests.ts",
    what: "8 → 9",
    on: "READ_AT_ONCE",
    reason: "how many at once is a matter of speed",
  },
  {
    file: "lambda/retention/read-manifests.ts",
    what: "start < standing.length → start <= standing.length",
    on: "READ_AT_ONCE",
    reason: "after the last there is nothing to read",
  },
  {
    file: "lambda/retention/read-manifests.ts",
    what: "chosen === undefined || side === undefined → chosen === undefined",
    on: "not the version",
    reason: "what was listed was listed on one of the sides; the condition is for the compiler",
  },
  {
    file: "lambda/retention/read-manifests.ts",
    what: "chosen === undefined || side === undefined → side === undefined",
    on: "not the version",
    reason: "what is not chosen has no side either; the condition is for the compiler",
  },
  {
    file: "lambda/retention/drop-old-databases.ts",
    what: 'dropOldAt ?? "" → dropOldAt',
    on: "Date.parse",
    reason: "what is listed is listed by its date; the other side is for the compiler",
  },
  {
    file: "lambda/retention/execute.ts",
    what: 'versionId ?? "" → versionId',
    on: "byVersion.get",
    reason: "nothing was asked for by either name; the other side is for the compiler",
  },
  {
    file: "lambda/retention/execute.ts",
    what: "0 → 1",
    on: "reduce",
    reason: "sums are only subtracted from each other",
  },
  {
    file: "lambda/retention/finish-snapshots.ts",
    what: "evidence.environment.lastSnapshotId !== null && gone.has(evidence.envi… → gone.has(evidence.environment.lastSnapshotId)",
    on: "lastSnapshotId !== null",
    reason: "no snapshot is among those that are gone; the condition is for the compiler",
  },
  {
    file: "lambda/retention/finish-snapshots.ts",
    what: 'facts?.createdAt ?? "" → facts?.createdAt',
    on: "Date.parse",
    reason: "neither is a date; the other side is for the compiler",
  },
  {
    file: "lambda/restore/plan-rules.ts",
    what: 'room?.status ?? "" → room?.status',
    on: "status:",
    reason: "a status that nobody knows is ready, whatever stands for it; the text is for the compiler",
  },
  {
    file: "lambda/restore/plan-rules.ts",
    what: 'target.registration.database.instance ?? "" → target.registration.database.instance',
    on: "instance:",
    reason: "only an instance has a status or measured storage; the text is for the compiler",
  },
  {
    file: "lambda/restore/plan-rules.ts",
    what: "preflight?.freeBytes ?? freeNowBytes → preflight?.freeBytes",
    on: ">= needed",
    reason: "what is free now is too little, as nothing is; the other side is for the compiler",
  },
  {
    file: "lambda/restore/rules-login.ts",
    what: "validUntil !== null && Date.parse(validUntil) < Date.parse(at) + PASSW… → Date.parse(validUntil) < Date.parse(at) + PASSWORD_DAYS * 86_400_000",
    on: "const ends",
    reason: "no date lies before none; the condition is for the compiler",
  },
  {
    file: "lambda/rules/drills.ts",
    what: "hours[chosen % hours.length] ?? 0 → hours[chosen % hours.length]",
    on: "chosen % hours.length",
    reason: "every window leaves hours; the other side is for the compiler",
  },
  {
    file: "lambda/rules/drills.ts",
    what: "0 → 1",
    on: "hours[chosen % hours.length] ?? 0",
    reason: "every window leaves hours; the other side is for the compiler",
  },
];

export const known = (file: string, source: string, { line, what }: Mutant): string | undefined => {
  const text = source.split("\n")[line - 1] ?? "";
  return KNOWN.find((one) => one.file === file && one.what === what && text.includes(one.on))?.reason;
};
