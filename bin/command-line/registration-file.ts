/** The file given to `backups register`: JSON, comments allowed. Every problem is one sentence with its mend. */
import { readFileSync } from "node:fs";
import { registrationFile, type RegistrationFile } from "../../lambda/catalog/registration";
import { validationSentences } from "../../lambda/registration/validation-sentences";
import { parseJsonWithComments } from "../../lib/config/json-with-comments";
import { CommandFailure } from "./surroundings";

export function readRegistrationFile(path: string): RegistrationFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new CommandFailure(2, [`The file ${path} can't be read; check its name and permissions.`], { cause });
  }
  let given: unknown;
  try {
    given = parseJsonWithComments(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(2, [`${path}: ${reason}; look for a missing quote or a comma too many just before it.`], {
      cause,
    });
  }
  const parsed = registrationFile.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new CommandFailure(
    2,
    validationSentences(parsed.error, given).map((sentence) => `${path}: ${sentence}`),
  );
}
