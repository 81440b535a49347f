/**
 * `check-image.js <major>[,<major>…] <file of the authorities>`, the last step of the image's build: the client programs
 * run and are of the versions that they should be, and RDS's certificate authorities can be read and last. An image that
 * could not back up or could not prove a server is not built, with one sentence.
 */
import { readFileSync } from "node:fs";
import { readAuthorities } from "./authorities";
import { findTools } from "./client-programs";

const PROGRAMS = "/usr/lib/postgresql/{major}/bin";

/** Throws an Error with one sentence. The lines say what the image holds. */
export const checkImage = async (
  majors: readonly number[],
  { certificates, programs = PROGRAMS, now }: { certificates: string; programs?: string; now: Date },
): Promise<readonly string[]> => {
  const lines: string[] = [];
  for (const major of majors) {
    const { version } = await findTools({ directory: programs, majors: [major] }, major, String(major));
    if (Number.parseInt(version, 10) !== major)
      throw new Error(`The client programs of PostgreSQL ${major} say that they are of version ${version}.`);
    lines.push(`PostgreSQL ${version}`);
  }
  const { valid, ended, first } = readAuthorities(readFileSync(certificates, "utf8"), now);
  return [...lines, `${valid} certificate authorities, the first of which ends on ${first}; ${ended} have ended`];
};

const main = async ([majors = "", certificates = ""]: readonly string[]): Promise<void> => {
  const lines = await checkImage(majors.split(",").map(Number), { certificates, now: new Date() });
  for (const line of lines) console.log(line);
};

if (require.main === module)
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
