/** A share of functions that Lambda would refuse stops synth with one sentence; the default deploys in a new account. */
import { checkConcurrency, placesOf } from "../../lib/config/check-concurrency";

const check = (concurrency: Parameters<typeof placesOf>[0]) => () => checkConcurrency("test.json", concurrency);

test.each([
  [
    "a reservation in a new account",
    { account: 10, api: 1 },
    "test.json, concurrency.api: keeping 1 of the account's 10 concurrent functions for the API leaves 9, and Lambda wants at least 100 unreserved; set it to 0, or set concurrency.account once AWS has raised the quota.",
  ],
  [
    "a reservation that leaves 99",
    { account: 1000, api: 901 },
    "test.json, concurrency.api: keeping 901 of the account's 1000 concurrent functions for the API leaves 99, and Lambda wants at least 100 unreserved; set it to 900 or less, or set concurrency.account once AWS has raised the quota.",
  ],
  [
    "more for backups than there are",
    { account: 10, api: 0, backups: 11 },
    "test.json, concurrency.backups: backups can't have 11 functions at a time, because the API leaves them 10 of the account's 10; lower it, or set concurrency.account once AWS has raised the quota.",
  ],
])("%s is refused", (_, concurrency, sentence) => {
  expect(check(concurrency)).toThrow(new Error(sentence));
});

test.each([
  [{ account: 1, api: 0 }, 1],
  [{ account: 10, api: 0 }, 5],
  [{ account: 1000, api: 900 }, 50],
  [{ account: 1000, api: 0, backups: 40 }, 40],
])("%j is accepted, with %s places", (concurrency, places) => {
  expect(check(concurrency)).not.toThrow();
  expect(placesOf(concurrency)).toBe(places);
});
