/**
 * What a test of an alarm needs. `testAlarm` makes two tests: the condition, made with the real code, raises the
 * synthesized alarm; a run without it does not. Every alarm of the templates has one (`every-alarm.test.ts`).
 */
import { Names, type WorkflowName } from "../../lib/names";
import { SynthesizedApp } from "../../local/template/app";
import { synthesizeOnce } from "../support/synthesized";
import { datapointsOf, type Datapoint } from "./datapoints";
import { evaluateAlarm, type AlarmProperties } from "./evaluate-alarm";

const ACCOUNT = "111111111111";
const REGION = "eu-central-1";
/** As the default stage names what is watched in Frankfurt; `testSettings` has the same prefix and region. */
export const names = new Names({ prefix: "backups", account: ACCOUNT, region: REGION });

let synthesized: SynthesizedApp | undefined;
export const app = (): SynthesizedApp => (synthesized ??= new SynthesizedApp(synthesizeOnce().assemblyDir, ACCOUNT));

const alarms = (): readonly AlarmProperties[] =>
  app()
    .all<AlarmProperties>("AWS::CloudWatch::Alarm")
    .filter(({ region }) => region === REGION)
    .map(({ properties }) => properties);

export const alarmNamed = (name: string): AlarmProperties => {
  const found = alarms().find(({ AlarmName }) => AlarmName === names.alarm(name));
  if (found === undefined) throw new Error(`No alarm ${name} in the template: there are ${alarmNames().join(", ")}.`);
  return found;
};
/** Without prefix, account and region: `backup-failed`. */
export const alarmNames = (): readonly string[] =>
  alarms().map(({ AlarmName }) => AlarmName.slice(names.alarm("").length));

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

export const testAlarm = (name: string, { condition, healthy }: AlarmTest): void => {
  describe(`alarm ${name}`, () => {
    const stateAfter = async (make: AlarmTest["condition"]): Promise<string> => {
      const { lines = [], datapoints = [], at } = await make();
      return evaluateAlarm(alarmNamed(name), [...lines.flatMap(datapointsOf), ...datapoints], at);
    };
    test("is raised by the condition", async () => {
      expect(await stateAfter(condition)).toBe("ALARM");
    });
    test("is not raised without it", async () => {
      expect(await stateAfter(healthy)).toBe("OK");
    });
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
