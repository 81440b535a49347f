/** How long what is played takes, in seconds: from, to. A seed chooses between them. */
import type { FunctionName } from "../../lib/names";
import { fraction } from "./per-minute";

type Range = readonly [from: number, to: number];

const FUNCTION_SECONDS: Partial<Readonly<Record<FunctionName, Range>>> = {
  "nightly-window": [2, 10],
  "backup-begin": [0.5, 2],
  "backup-plan": [2, 10],
  "backup-pack": [20, 120],
  "backup-seal": [2, 10],
  "backup-fail": [1, 4],
  "replication-check": [1, 5],
  retention: [1, 5],
  gauges: [2, 8],
  api: [0.1, 0.3],
};
const OTHER_FUNCTIONS: Range = [0.5, 3];
export const DUMP_SECONDS: Range = [120, 600];
export const OTHER_TASK_SECONDS: Range = [60, 300];

export const between = ([from, to]: Range, random: (bytes: number) => Uint8Array): number =>
  from + (to - from) * fraction(random);
export const functionSeconds = (name: FunctionName, random: (bytes: number) => Uint8Array): number =>
  between(FUNCTION_SECONDS[name] ?? OTHER_FUNCTIONS, random);
