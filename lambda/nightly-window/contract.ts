/** The nightly window: a workflow that opens a region's night and starts each backup in its slot. */
import { z } from "zod";

/** The region's row of the nightly table, as the function's environment carries it (JSON in `WINDOW`). */
export const windowRow = z.object({
  region: z.string(),
  /** `HH:MM` in UTC. */
  startUtc: z.string().regex(/^\d\d:\d\d$/),
  durationMinutes: z.number().int().positive(),
});
export type WindowRow = z.infer<typeof windowRow>;
export const WINDOW_VARIABLE = "WINDOW";

/** The schedule's input: `<aws.scheduler.scheduled-time>`. */
export const windowEvent = z.object({ scheduledTime: z.iso.datetime({ offset: true }) });

export const nightRef = z.object({
  /** UTC date on which the window was scheduled to start. */
  date: z.iso.date(),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  /** Slots up to this time have been started. */
  startedUntil: z.iso.datetime().nullable(),
});
export type NightRef = z.infer<typeof nightRef>;

/** The function's input: `open` from the event, then `start` each minute until done. */
export const windowInput = z.discriminatedUnion("step", [
  /** `executionArn` (`$$.Execution.Id`) tells a repeated call of the same execution from a second delivery. */
  z.object({ step: z.literal("open"), event: windowEvent, executionArn: z.string().optional() }),
  z.object({ step: z.literal("start"), night: nightRef }),
]);
export const windowOutput = z.discriminatedUnion("outcome", [
  /** The window was opened before, or the event is older than the window. */
  z.object({ outcome: z.literal("dropped"), reason: z.string() }),
  /** Wait until `waitUntil`, then `start` with `night`. */
  z.object({ outcome: z.literal("wait"), night: nightRef, waitUntil: z.iso.datetime(), started: z.number().int() }),
  z.object({ outcome: z.literal("done"), night: nightRef, started: z.number().int() }),
]);
export type WindowInput = z.infer<typeof windowInput>;
export type WindowOutput = z.infer<typeof windowOutput>;
