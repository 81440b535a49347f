/**
 * What a region's loss came to, in the two times that people ask for: the recovery point (how much time's work is lost:
 * from the newest restored snapshot to the loss) and the recovery time (from the loss until the data stands again). By
 * the run's simulated clock, which runs with what is done. Pure.
 */
export interface Recovered {
  readonly environmentId: string;
  /** Its state at this moment is what came back, ISO 8601. */
  readonly takenAt: string;
  /** When the restore of it had completed. */
  readonly restoredAt: Date;
}
export interface Objective {
  readonly environmentId: string;
  readonly recoveryPointSeconds: number;
  readonly recoveryTimeSeconds: number;
}
export interface Objectives {
  readonly lostAt: string;
  /** Of each environment, by its newest restored snapshot, the one with the oldest recovery point first. */
  readonly environments: readonly Objective[];
  readonly worst: Omit<Objective, "environmentId"> | null;
  /** Seconds of each stage of the recovery, in order. */
  readonly stages: Readonly<Record<string, number>>;
}

export const objectives = (
  lostAt: Date,
  recovered: readonly Recovered[],
  stages: Readonly<Record<string, number>>,
): Objectives => {
  const newest = new Map<string, Recovered>();
  for (const one of recovered) {
    const other = newest.get(one.environmentId);
    if (other === undefined || Date.parse(one.takenAt) > Date.parse(other.takenAt)) newest.set(one.environmentId, one);
  }
  const environments = [...newest.values()]
    .map(({ environmentId, takenAt, restoredAt }) => ({
      environmentId,
      recoveryPointSeconds: secondsBetween(new Date(takenAt), lostAt),
      recoveryTimeSeconds: secondsBetween(lostAt, restoredAt),
    }))
    .toSorted(
      (a, b) => b.recoveryPointSeconds - a.recoveryPointSeconds || (a.environmentId < b.environmentId ? -1 : 1),
    );
  const largest = (of: (one: Objective) => number): number => Math.max(...environments.map(of));
  return {
    lostAt: lostAt.toISOString(),
    environments,
    worst:
      environments.length === 0
        ? null
        : {
            recoveryPointSeconds: largest((one) => one.recoveryPointSeconds),
            recoveryTimeSeconds: largest((one) => one.recoveryTimeSeconds),
          },
    stages,
  };
};

/** A line an environment, and a last one for all of them. */
export const describeObjectives = ({ environments, worst, stages }: Objectives): readonly string[] => {
  if (worst === null) return ["Nothing was recovered."];
  const took = Object.entries(stages).map(([name, seconds]) => `${name} ${span(seconds)}`);
  return [
    ...environments.map(
      ({ environmentId, recoveryPointSeconds, recoveryTimeSeconds }) =>
        `${environmentId}: the last ${span(recoveryPointSeconds)} are lost (recovery point), restored ${span(recoveryTimeSeconds)} after the loss (recovery time)`,
    ),
    `All: recovery point ${span(worst.recoveryPointSeconds)}, recovery time ${span(worst.recoveryTimeSeconds)}: ${took.join(", ")}.`,
  ];
};

const secondsBetween = (from: Date, to: Date): number =>
  Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));

/** Such as `3 h 07 min`, `12 min 05 s`, `40 s`. */
const span = (seconds: number): string => {
  const two = (number: number): string => String(number).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
};
