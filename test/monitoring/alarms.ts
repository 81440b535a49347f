/**
 * What a test of an alarm needs. `testAlarm` makes three tests: the condition, made with the real code, raises the
 * synthesized alarm; a run without it does not; and the condition raises it once, too, when its values come one or two
 * periods late, however far back CloudWatch looks. Every alarm of the templates has one (`every-alarm.test.ts`).
 */
import { Names, type WorkflowName } from "../../lib/names";
import { SynthesizedApp } from "../../local/template/app";
import { synthesizeOnce } from "../support/synthesized";
import { datapointsOf, type Datapoint } from "./datapoints";
import { evaluateAlarm, playAlarm, type AlarmProperties } from "./evaluate-alarm";

const ACCOUNT = "111111111111";
const REGION = "eu-central-1";
/** As the default stage names what is watched in Frankfurt; `testSettings` has the same prefix and region. */
export const names = new Names({ prefix: "backups", account: ACCOUNT, region: REGION });

let synthesized: SynthesizedApp | undefined;
export const app = (): SynthesizedApp => (synthesized ??= new SynthesizedApp(synthesizeOnce().assemblyDir, ACCOUNT));

/** Frankfurt's. */
export const allAlarms = (): readonly AlarmProperties[] =>
  app()
    .all<AlarmProperties>("AWS::CloudWatch::Alarm")
    .filter(({ region }) => region === REGION)
    .map(({ properties }) => properties);

export const alarmNamed = (name: string): AlarmProperties => {
  const found = allAlarms().find(({ AlarmName }) => AlarmName === names.alarm(name));
  if (found === undefined) throw new Error(`No alarm ${name} in the template: there are ${alarmNames().join(", ")}.`);
  return found;
};
/** Without prefix, account and region: `backup-failed`. */
export const alarmNames = (): readonly string[] =>
  allAlarms().map(({ AlarmName }) => AlarmName.slice(names.alarm("").length));

/** Lines of the log, such as `collaborators.metrics.lines()`; or values of AWS's own metrics; and when to look. */
export interface Observed {
  readonly lines?: readonly string[];
  readonly datapoints?: readonly Datapoint[];
  /** @default in the newest value's period */
  readonly at?: Date;
}
export interface AlarmTest {
  /** Makes the condition with the real code. */
  readonly condition: () => Promise<Observed> | Observed;
  /** The same work without the condition. */
  readonly healthy: () => Promise<Observed> | Observed;
}

const LATENESS = [0, 1, 2].flatMap((late) => [0, 2, 5].map((farther) => [late, farther] as const));
const HOUR = 3_600_000;

export const valuesOf = ({ lines = [], datapoints = [] }: Observed): readonly Datapoint[] => [
  ...lines.flatMap(datapointsOf),
  ...datapoints,
];

/** How many times the alarm is raised and told, from an hour before the values until everything has been seen. */
const raisedBy = (
  alarm: AlarmProperties,
  datapoints: readonly Datapoint[],
  periodsLate: number,
  farther: number,
): number => {
  const delay = periodsLate * periodOf(alarm) * 1000;
  const late = datapoints.map((point) => ({ ...point, known: new Date(point.at.getTime() + delay) }));
  const times = datapoints.map(({ at }) => at.getTime());
  const play = {
    from: new Date(Math.min(...times) - HOUR),
    to: new Date(Math.max(...times) + delay + 2 * HOUR),
    farther,
  };
  return playAlarm(alarm, late, play).filter(({ to, told }) => to === "ALARM" && told).length;
};

/** Seconds. */
export const periodOf = ({ Period, Metrics = [] }: AlarmProperties): number =>
  Period ?? Math.max(...Metrics.map(({ MetricStat }) => MetricStat?.Period ?? 0));

export const testAlarm = (name: string, { condition, healthy }: AlarmTest): void => {
  describe(`alarm ${name}`, () => {
    let observed: Promise<Observed> | undefined;
    const once = async (): Promise<Observed> => (observed ??= Promise.resolve(condition()));
    const stateAfter = async (make: AlarmTest["condition"]): Promise<string> => {
      const made = await make();
      return evaluateAlarm(alarmNamed(name), valuesOf(made), made.at);
    };
    test("is raised by the condition", async () => {
      expect(await stateAfter(once)).toBe("ALARM");
    });
    test("is not raised without it", async () => {
      expect(await stateAfter(healthy)).toBe("OK");
    });
    test.each(LATENESS)(
      "is raised once by values that are %i periods late, with %i more looked at",
      async (late, farther) => {
        expect(raisedBy(alarmNamed(name), valuesOf(await once()), late, farther)).toBe(1);
      },
    );
  });
};

/** Step Functions' own metric of one ended execution, in the shape that `GetMetricData` has recorded it. */
export const executionDatapoint = (
  workflow: WorkflowName,
  status: "SUCCEEDED" | "FAILED" | "ABORTED" | "TIMED_OUT",
  at: Date,
): Datapoint => ({
  namespace: "AWS/States",
  name: {
    SUCCEEDED: "ExecutionsSucceeded",
    FAILED: "ExecutionsFailed",
    ABORTED: "ExecutionsAborted",
    TIMED_OUT: "ExecutionsTimedOut",
  }[status],
  dimensions: { StateMachineArn: names.stateMachineArn(workflow) },
  at,
  value: 1,
});
