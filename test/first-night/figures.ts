/** What a night was like, in figures. Printed where FIRST_NIGHT_FIGURES is set. */
import type { PlayedNight } from "./played-night";

export interface Figures {
  /** Until the last nightly backup had ended. */
  readonly hours: number;
  readonly completed: number;
  readonly failed: number;
  /** Snapshots by their last attempt: how many ended with the first, the second, the third. */
  readonly attempts: readonly number[];
  /** Of failed ones: the sentence → how many. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly launches: {
    readonly calls: number;
    readonly mostAMinute: number;
    readonly done: number;
    readonly mostAtOnce: number;
  };
  readonly launchesRefused: Readonly<Record<string, number>>;
  readonly functions: { readonly calls: number; readonly mostAMinute: number; readonly mostAtOnce: number };
  readonly functionsRefused: Readonly<Record<string, number>>;
  readonly longestHistory: number;
  readonly api: {
    readonly answered: number;
    readonly unanswered: number;
    readonly requests: number;
    readonly throttled: number;
    readonly longestSeconds: number;
  };
}

export const figuresOf = async ({ region, traffic, hours, snapshots }: PlayedNight): Promise<Figures> => {
  const all = await snapshots();
  const { fargate, lambda } = region;
  const failed = all.filter(({ state }) => state === "failed");
  const figures: Figures = {
    hours,
    completed: all.filter(({ state }) => state === "completed").length,
    failed: failed.length,
    attempts: [1, 2, 3].map((attempt) => all.filter((one) => one.attempt === attempt).length),
    reasons: tally(failed.map(({ statusMessage }) => statusMessage)),
    launches: {
      calls: fargate.calls.total,
      mostAMinute: fargate.calls.most,
      done: fargate.launches,
      mostAtOnce: fargate.mostRunning,
    },
    launchesRefused: Object.fromEntries(fargate.refused),
    functions: {
      calls: lambda.calls.total,
      mostAMinute: lambda.calls.most,
      mostAtOnce: lambda.most.get("all") ?? 0,
    },
    functionsRefused: Object.fromEntries(lambda.refused),
    longestHistory: Math.max(...region.executions.all().map(({ arn }) => region.executions.eventsOf(arn) ?? 0)),
    api: {
      answered: traffic.answered,
      unanswered: traffic.unanswered.length,
      requests: traffic.requests,
      throttled: traffic.throttled,
      longestSeconds: traffic.longestSeconds,
    },
  };
  if (process.env["FIRST_NIGHT_FIGURES"] !== undefined) process.stderr.write(`${JSON.stringify(figures, null, 2)}\n`);
  return figures;
};

const tally = (values: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};
