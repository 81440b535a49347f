import { nextTime } from "../../local/schedules/expression";

test.each([
  ["cron(0 0 * * ? *)", "2026-12-05T00:00:00Z", "2026-12-06T00:00:00.000Z"],
  ["cron(0 0 * * ? *)", "2026-12-05T23:59:59Z", "2026-12-06T00:00:00.000Z"],
  ["cron(30 19 * * ? *)", "2026-12-05T19:29:59Z", "2026-12-05T19:30:00.000Z"],
  ["cron(0 23 ? * SUN *)", "2026-12-05T00:00:00Z", "2026-12-06T23:00:00.000Z"],
  ["cron(0 3 1 1,7 ? *)", "2026-12-05T00:00:00Z", "2027-01-01T03:00:00.000Z"],
  ["cron(0/20 8-9 ? * MON-FRI *)", "2026-12-04T09:40:00Z", "2026-12-07T08:00:00.000Z"],
  ["rate(5 minutes)", "2026-12-05T00:04:59Z", "2026-12-05T00:05:00.000Z"],
  ["rate(1 hour)", "2026-12-05T00:00:00Z", "2026-12-05T01:00:00.000Z"],
  ["at(2026-12-24T18:00:00)", "2026-12-05T00:00:00Z", "2026-12-24T18:00:00.000Z"],
])("%s after %s is %s", (expression, after, expected) => {
  expect(nextTime(expression, new Date(after))?.toISOString()).toBe(expected);
});

test("a time that has passed never comes again", () => {
  expect(nextTime("at(2026-12-01T00:00:00)", new Date("2026-12-05T00:00:00Z"))).toBeUndefined();
});

test.each(["every day", "cron(0 0 * *)", "rate(five minutes)", "cron(0 0 L * ? *)"])("%s is refused", (expression) => {
  expect(() => nextTime(expression, new Date("2026-12-05T00:00:00Z"))).toThrow(/schedule expression|six fields|cron/);
});
