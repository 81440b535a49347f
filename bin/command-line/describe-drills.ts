/** Restore drills in lines for people; machines ask with --json. Pure. */
import type { PublicDrill } from "../../lambda/drill/public-drill";
import { duration } from "../../lambda/rules/drills";
import { oneLine } from "./plain-text";

export interface ShownDrills {
  readonly drills: readonly PublicDrill[];
  /** Why none are held; null where they are. */
  readonly message: string | null;
}

export const describeDrills = ({ drills, message }: ShownDrills): readonly string[] => [
  ...(message === null ? [] : [oneLine(message)]),
  ...(drills.length === 0 ? ["There has been no drill."] : drills.flatMap(describeDrill)),
];

export const describeDrill = (drill: PublicDrill): readonly string[] => {
  const time = drill.seconds.total === null ? "" : `, ${duration(drill.seconds.total)}`;
  const of = drill.snapshotId === null ? "" : ` of snapshot ${drill.snapshotId}`;
  return [
    `${drill.startedAt ?? drill.createdAt}  ${drill.outcome ?? drill.state}${time}  ${drill.drillId}${of}`,
    ...(drill.statusMessage === "" ? [] : [`  ${oneLine(drill.statusMessage)}`]),
    ...(drill.slow === null ? [] : [`  ${oneLine(drill.slow)}`]),
    ...(drill.problemCount < 2 ? [] : drill.problems.map((problem) => `  ${oneLine(problem)}`)),
  ];
};

/** The last one, in half a line. */
export const lastDrill = (last: Pick<PublicDrill, "outcome" | "finishedAt" | "seconds"> | null): string =>
  last === null
    ? "none"
    : `${last.outcome ?? ""} ${last.finishedAt ?? ""}${last.seconds.total === null ? "" : ` in ${duration(last.seconds.total)}`}`;
