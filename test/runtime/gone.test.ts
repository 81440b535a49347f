/** When "not found" means gone, and that no row holds an environment for ever. */
import { isGone } from "../../lambda/runtime/gone";

const NOW = new Date("2026-12-05T12:00:00Z");

test.each<[what: string, knownSince: string, gone: boolean]>([
  ["a moment ago", "2026-12-05T12:00:00Z", false],
  ["nine minutes ago", "2026-12-05T11:51:00Z", false],
  ["a second short of ten minutes", "2026-12-05T11:50:01Z", false],
  ["ten minutes ago", "2026-12-05T11:50:00Z", true],
  ["eleven minutes ago", "2026-12-05T11:49:00Z", true],
  ["by a clock that is fast", "2026-12-05T12:00:05Z", false],
  ["a row without a time", undefined as unknown as string, true],
  ["an empty time", "", true],
  ["a time that can't be read", "yesterday", true],
])("%s", (_what, knownSince, gone) => {
  expect(isGone(knownSince, NOW)).toBe(gone);
});
