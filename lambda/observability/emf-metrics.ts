/**
 * Metrics as lines of the log, in CloudWatch's embedded metric format, which Powertools writes: no request, no
 * permission, and none lost with a request. Values wait until the invocation ends; a process that is killed before
 * loses them. Nothing here throws: a metric must not fail a backup.
 */
import { Metrics as Powertools } from "@aws-lambda-powertools/metrics";
import type { Clock, Logger, Metrics } from "../runtime/collaborators";
import { METRICS, metricsNamespace, REGION_DIMENSION, type MetricName } from "./metric-names";

export interface EmfOptions {
  readonly prefix: string;
  readonly region: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Takes one line; standard output where none is given. */
  readonly print?: (line: string) => void;
}
interface Value {
  readonly name: MetricName;
  readonly value: number;
}
/** CloudWatch takes 100 values of a metric in a line, and so many metrics. */
const VALUES_A_LINE = 90;
/** It would warn of simulated time, in lines that are no JSON. */
const nothing = (): void => undefined;
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing, trace: nothing };

export class EmfMetrics implements Metrics {
  private waiting: Value[] = [];
  private correlationId: string | undefined;

  constructor(private readonly options: EmfOptions) {}

  add(name: MetricName, value: number): void {
    if (!Number.isFinite(value)) return this.options.log.error("A metric has no value.", { metric: name });
    this.waiting.push({ name, value });
  }

  /** The lines that follow belong to this request, night, or snapshot. */
  correlate(correlationId: string | undefined): void {
    this.correlationId = correlationId;
  }

  flush(): void {
    const { waiting } = this;
    this.waiting = [];
    for (let from = 0; from < waiting.length; from += VALUES_A_LINE)
      this.print(waiting.slice(from, from + VALUES_A_LINE));
  }

  private print(values: readonly Value[]): void {
    const { prefix, region, clock, log, print = toStandardOutput } = this.options;
    try {
      const line = new Powertools({ namespace: metricsNamespace(prefix), serviceName: prefix, logger: SILENT });
      // Powertools adds the service as a dimension of its own; the namespace says it already.
      line.clearDefaultDimensions();
      line.setDefaultDimensions({ [REGION_DIMENSION]: region });
      line.setTimestamp(clock.now());
      if (this.correlationId !== undefined) line.addMetadata("correlationId", this.correlationId);
      for (const { name, value } of values) line.addMetric(name, METRICS[name], value);
      print(JSON.stringify(line.serializeMetrics()));
    } catch (error) {
      log.error("Metrics can't be written.", { error: String(error) });
    }
  }
}

const toStandardOutput = (line: string): void => void process.stdout.write(`${line}\n`);
