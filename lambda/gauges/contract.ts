/** The gauges: what a region's catalog says about it now, measured every quarter of an hour. */
import { z } from "zod";
import { windowEvent } from "../nightly-window/contract";

export const GAUGES_MINUTES = 15;

/** The schedule's input. */
export const gaugesInput = windowEvent;
export const gaugesOutput = z.object({ snapshots: z.number().int(), environments: z.number().int() });
export type GaugesOutput = z.infer<typeof gaugesOutput>;
