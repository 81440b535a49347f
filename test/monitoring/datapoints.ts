/** Metric values as CloudWatch would keep them: from lines of the embedded metric format, or of AWS's own metrics. */
export interface Datapoint {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly at: Date;
  readonly value: number;
  /** When CloudWatch knows of it. @default at once */
  readonly known?: Date;
}

interface EmbeddedMetrics {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
    }[];
  };
}

/** What CloudWatch reads out of one line of a log; a line without metrics has none. */
export const datapointsOf = (line: string): readonly Datapoint[] => {
  const body = JSON.parse(line) as Partial<EmbeddedMetrics> & Readonly<Record<string, unknown>>;
  if (body._aws === undefined) return [];
  const { Timestamp, CloudWatchMetrics } = body._aws;
  return CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.flatMap(({ Name }) =>
        [body[Name] as number | readonly number[]].flat().map((value) => ({
          namespace: Namespace,
          name: Name,
          dimensions: Object.fromEntries(names.map((dimension) => [dimension, body[dimension] as string])),
          at: new Date(Timestamp),
          value,
        })),
      ),
    ),
  );
};
