/** What stops synth: one sentence with the file, the place in it, what is wrong and how to mend it. */
export class ConfigurationError extends Error {
  override name = "ConfigurationError";
  constructor(
    readonly file: string,
    /** Path inside the file, such as `fileBuckets.read[0]`; empty for the file itself. */
    readonly place: string,
    readonly problem: string,
    readonly mend: string,
  ) {
    super(`${file}${place === "" ? "" : `, ${place}`}: ${problem}; ${mend}.`);
  }
}
