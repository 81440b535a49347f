/**
 * EventBridge Scheduler: fires each schedule of the app on the simulated clock. A schedule that was passed over by a
 * skip fires once, for the last time it should have; one whose event would be too old is dropped, as AWS drops it.
 */
import type { SimulatedClock } from "../clock/simulated-clock";
import type { AppResource, SynthesizedApp } from "../template/app";
import { TemplateNotSupported } from "../template/resolver";
import { nextTime } from "./expression";

interface ScheduleProperties {
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly State?: string;
  readonly Target: {
    readonly Arn: string;
    readonly RoleArn: string;
    readonly Input?: string;
    readonly RetryPolicy?: { readonly MaximumEventAgeInSeconds?: number };
  };
}
export interface Schedule {
  readonly name: string;
  readonly region: string;
  readonly expression: string;
  readonly targetArn: string;
  readonly roleArn: string;
  readonly input: string | undefined;
  readonly maximumAgeSeconds: number;
}
export type Fire = (schedule: Schedule, input: unknown, scheduledTime: Date) => Promise<void>;

export const readSchedules = (app: SynthesizedApp): readonly Schedule[] =>
  app
    .all<ScheduleProperties>("AWS::Scheduler::Schedule")
    .filter(({ properties }) => properties.State !== "DISABLED")
    .map(readSchedule);

const readSchedule = ({ name, region, properties, stack, logicalId }: AppResource<ScheduleProperties>): Schedule => {
  const zone = properties.ScheduleExpressionTimezone ?? "UTC";
  if (!/^(Etc\/)?UTC$/.test(zone))
    throw new TemplateNotSupported(stack.name, logicalId, `the time zone ${zone} is not supported by the local run`);
  const { Arn, RoleArn, Input, RetryPolicy } = properties.Target;
  return {
    name,
    region,
    expression: properties.ScheduleExpression,
    targetArn: Arn,
    roleArn: RoleArn,
    input: Input,
    maximumAgeSeconds: RetryPolicy?.MaximumEventAgeInSeconds ?? 86_400,
  };
};

/** Follows `schedule` until the clock stops. */
export const follow = async (schedule: Schedule, clock: SimulatedClock, fire: Fire): Promise<void> => {
  for (let due = nextTime(schedule.expression, clock.now()); due !== undefined;) {
    await clock.sleepUntil(due);
    const now = clock.now();
    const scheduled = latestUntil(schedule.expression, due, now);
    if ((now.getTime() - scheduled.getTime()) / 1000 <= schedule.maximumAgeSeconds) {
      await clock.during(() => fire(schedule, eventInput(schedule.input, scheduled), scheduled));
    }
    due = nextTime(schedule.expression, scheduled > now ? scheduled : now);
  }
};

/** The last time at or before `now`, from `due` on. */
const latestUntil = (expression: string, due: Date, now: Date): Date => {
  let latest = due;
  // A day is enough: an older event would be dropped.
  const from = new Date(Math.max(due.getTime(), now.getTime() - 86_400_000) - 1);
  for (let next = nextTime(expression, from); next !== undefined && next <= now; next = nextTime(expression, next))
    latest = next;
  return latest;
};

/** Scheduler puts the context attributes into the target's input. Its times have whole seconds. */
const eventInput = (input: string | undefined, scheduledTime: Date): unknown => {
  if (input === undefined) return {};
  const text = input.replaceAll("<aws.scheduler.scheduled-time>", `${scheduledTime.toISOString().slice(0, 19)}Z`);
  const unknown = /<aws\.scheduler\.[a-z-]+>/.exec(text)?.[0];
  if (unknown !== undefined) throw new Error(`The local run does not know the schedule attribute ${unknown}.`);
  return JSON.parse(text);
};
