/** Which sizes of files can be uploaded. Pure; the page asks it too. */
import { LARGEST_UPLOAD } from "./part-plan";

/** Why not, in one sentence. `size` in bytes. */
export const fileSizeProblem = (fileName: string, size: number): string | undefined => {
  if (size === 0) return `The file "${fileName}" is empty; choose a backup archive or a database dump.`;
  if (size > LARGEST_UPLOAD) return `The file "${fileName}" is larger than 5 TiB, the most that an upload may have.`;
  return undefined;
};
