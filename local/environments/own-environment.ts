/** placeholder, written next */
import type { LocalEnvironment } from "./environment";
export const prepareOwnEnvironment = async (_files: readonly string[], _s: unknown): Promise<{ source: LocalEnvironment; target: LocalEnvironment }> => {
  throw new Error("not yet");
};
