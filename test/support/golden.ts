/** Golden files: reviewed by people, compared to the letter. `UPDATE_GOLDEN=1 npm test` writes them anew. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What the file says. `actual` is what is written when golden files are to be updated. */
export const golden = (path: string, actual: string): string => {
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  if (!existsSync(path))
    throw new Error(`${path} is missing; write it with UPDATE_GOLDEN=1, and read what was written.`);
  return readFileSync(path, "utf8");
};
