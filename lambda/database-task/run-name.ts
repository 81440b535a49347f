/** A random part of object keys, so that a task that runs again doesn't meet what its forerunner stored. */
import type { Randomness } from "../runtime/collaborators";

const BYTES = 6;

export const runName = (random: Randomness): string => Buffer.from(random(BYTES)).toString("hex");
