/** Golden files: reviewed by people, compared to the letter. `UPDATE_GOLDEN=1 npm test` writes them anew. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export const expectGolden = (path: string, text: string): void => {
  const whole = text.endsWith("\n") ? text : `${text}\n`;
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, whole);
  }
  if (!existsSync(path)) throw new Error(`${path} is missing; write it with UPDATE_GOLDEN=1, and read what was written.`);
  expect(whole).toBe(readFileSync(path, "utf8"));
};
