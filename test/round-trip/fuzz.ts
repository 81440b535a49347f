/** `npm run fuzz:round-trip -- --seed N [--count M]`: plays the random databases of other seeds; ends with 1 if one differs. */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { seed, count } = parseArgs({
  options: { seed: { type: "string", default: "21" }, count: { type: "string", default: "1" } },
}).values;
const { status } = spawnSync("npx", ["jest", "test/round-trip/random-databases", "--verbose"], {
  stdio: "inherit",
  env: { ...process.env, ROUND_TRIP_SEED: seed, ROUND_TRIP_COUNT: count },
});
process.exit(status ?? 1);
