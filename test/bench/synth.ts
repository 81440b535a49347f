/**
 * `npx tsx test/bench/synth.ts`: what the functions' code adds to `npx cdk synth --quiet` of all 34 stacks. Runs
 * alternate, the faster of each kind counts, and the code may add a fifth at most.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROUNDS = 3;
const MOST = 1.2;

export interface SynthTimes {
  readonly withCodeSeconds: number;
  readonly withoutCodeSeconds: number;
  readonly ratio: number;
}

export const measureSynth = (rounds = ROUNDS): SynthTimes => {
  const withCode: number[] = [];
  const withoutCode: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    withoutCode.push(synthSeconds("-c", "emptyBundle=true"));
    withCode.push(synthSeconds());
  }
  const withCodeSeconds = Math.min(...withCode);
  const withoutCodeSeconds = Math.min(...withoutCode);
  return { withCodeSeconds, withoutCodeSeconds, ratio: withCodeSeconds / withoutCodeSeconds };
};

/** Into a folder of its own, because assets that are staged already are not staged again. */
const synthSeconds = (...options: readonly string[]): number => {
  const output = mkdtempSync(join(tmpdir(), "synth-"));
  try {
    const start = performance.now();
    execFileSync("npx", ["cdk", "synth", "--quiet", "--output", output, ...options], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    return (performance.now() - start) / 1000;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
};

if (require.main === module) {
  const { withCodeSeconds, withoutCodeSeconds, ratio } = measureSynth();
  console.log(
    `synth of all stacks: ${withCodeSeconds.toFixed(1)} s, with empty functions ${withoutCodeSeconds.toFixed(1)} s, ratio ${ratio.toFixed(2)} (at most ${MOST})`,
  );
  if (ratio > MOST) process.exitCode = 1;
}
