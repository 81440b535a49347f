/** Restore drills in lines for people; machines ask with --json. Pure. */
import type { PublicDrill } from "../../lambda/drill/public-drill";
import { duration } from "../../lambda/rules/drills";
import { oneLine, second } from "./plain-text";
import { type Column, table } from "./table";

export interface ShownDrills {
  readonly drills: readonly PublicDrill[];
  /** Why none are held; null where they are. */
  readonly message: string | null;
}

const DRILLS: readonly Column<PublicDrill>[] = [
  { title: "DRILL", of: ({ drillId }) => drillId },
  { title: "BEGUN", of: ({ startedAt, createdAt }) => second(startedAt ?? createdAt) },
  { title: "RESULT", of: ({ outcome, state }) => outcome ?? state },
  { title: "TOOK", of: ({ seconds: { total } }) => (total === null ? "" : duration(total)), dispensable: 2 },
  { title: "SNAPSHOT", of: ({ snapshotId }) => snapshotId ?? "", dispensable: 1 },
  { title: "MESSAGE", of: (one) => said(one).join(" ") },
];

/** `width`: the terminal's. */
export const describeDrills = ({ drills, message }: ShownDrills, width: number | undefined): readonly string[] => [
  ...(message === null ? [] : [oneLine(message)]),
  ...(drills.length === 0 ? ["There has been no drill."] : table(DRILLS, drills, width)),
];

const said = ({ statusMessage, slow, problems, problemCount }: PublicDrill): readonly string[] =>
  [statusMessage, slow ?? "", ...(problemCount < 2 ? [] : problems)].filter((text) => text !== "");

export const describeDrill = (drill: PublicDrill): readonly string[] => {
  const time = drill.seconds.total === null ? "" : `, ${duration(drill.seconds.total)}`;
  const of = drill.snapshotId === null ? "" : ` of snapshot ${drill.snapshotId}`;
  return [
    `${second(drill.startedAt ?? drill.createdAt)}  ${drill.outcome ?? drill.state}${time}  ${drill.drillId}${of}`,
    ...said(drill).map((text) => `  ${oneLine(text)}`),
  ];
};

/** The last one, in half a line. */
export const lastDrill = (last: Pick<PublicDrill, "outcome" | "finishedAt" | "seconds"> | null): string =>
  last === null
    ? "none"
    : `${last.outcome ?? ""} ${last.finishedAt ?? ""}${last.seconds.total === null ? "" : ` in ${duration(last.seconds.total)}`}`;
