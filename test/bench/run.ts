/** `npm run bench`: every benchmark; exits with 1 when one misses its limit. */
import { mergeIndexBenchmark } from "./merge-index";

process.exitCode = mergeIndexBenchmark();
