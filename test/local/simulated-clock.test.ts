import { SimulatedClock } from "../../local/clock/simulated-clock";
import { follow, type Schedule } from "../../local/schedules/schedules";

const HOUR = 3_600_000;
const after = (clock: SimulatedClock, milliseconds: number): Date => new Date(clock.now().getTime() + milliseconds);
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("it wakes sleepers in order, and jumps from one to the next", async () => {
  const clock = new SimulatedClock();
  const woken: string[] = [];
  const sleep = async (name: string, time: Date): Promise<void> => {
    await clock.sleepUntil(time);
    woken.push(name);
  };
  void sleep("second", after(clock, 2 * HOUR));
  void sleep("first", after(clock, HOUR));
  void sleep("too late", after(clock, 4 * HOUR));
  const begin = Date.now();
  await clock.advanceTo(after(clock, 3 * HOUR));
  expect(woken).toEqual(["first", "second"]);
  expect(Date.now() - begin).toBeLessThan(1_000);
});

test("it does not jump while something works", async () => {
  const clock = new SimulatedClock();
  let worked = false;
  void clock.during(async () => {
    await pause(80);
    worked = true;
  });
  let workedBefore: boolean | undefined;
  void clock.sleepUntil(after(clock, HOUR)).then(() => (workedBefore = worked));
  await clock.advanceTo(after(clock, 2 * HOUR));
  expect(workedBefore).toBe(true);
});

test("what comes due while something works is woken, and still nothing is jumped over", async () => {
  const clock = new SimulatedClock();
  const happened: string[] = [];
  void clock.during(async () => {
    await pause(150);
    happened.push("worked");
  });
  void clock.sleepUntil(after(clock, 30)).then(() => happened.push("due meanwhile"));
  void clock.sleepUntil(after(clock, HOUR)).then(() => happened.push("an hour later"));
  await clock.advanceTo(after(clock, 2 * HOUR));
  expect(happened).toEqual(["due meanwhile", "worked", "an hour later"]);
});

test("its offset is whole seconds, so that lock dates stay exact", async () => {
  const clock = new SimulatedClock();
  await clock.advanceTo(after(clock, 12_345));
  expect(clock.offsetMs % 1000).toBe(0);
  expect(clock.offsetMs).toBeGreaterThanOrEqual(12_000);
});

const schedule = (maximumAgeSeconds: number): Schedule => ({
  name: "s",
  region: "eu-central-1",
  expression: "rate(1 hour)",
  targetArn: "arn",
  roleArn: "arn",
  input: '{"at":"<aws.scheduler.scheduled-time>"}',
  maximumAgeSeconds,
});

test("a schedule fires at each of its times, with its time in the input", async () => {
  const clock = new SimulatedClock();
  const inputs: string[] = [];
  void follow(schedule(60), clock, async (_, input) => void inputs.push((input as { at: string }).at));
  await clock.advanceTo(after(clock, 3 * HOUR));
  expect(inputs).toHaveLength(3);
  expect(inputs[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00:00Z$/);
});

test("after a skip a schedule fires once for its last time, unless that is too old", async () => {
  const fired = async (maximumAgeSeconds: number): Promise<number> => {
    const clock = new SimulatedClock();
    let times = 0;
    const onTheHour = new Date(Math.ceil(clock.now().getTime() / HOUR) * HOUR);
    void follow(schedule(maximumAgeSeconds), clock, async () => void (times += 1));
    await clock.skipTo(new Date(onTheHour.getTime() + 50.5 * HOUR));
    await clock.advanceTo(clock.now());
    return times;
  };
  expect(await fired(2 * 3600)).toBe(1);
  expect(await fired(60)).toBe(0);
});
