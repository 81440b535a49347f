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
