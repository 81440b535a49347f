/**
 * What is wrong with a file that was to become a backup, and what to do, in one sentence for whoever has it. Pure and
 * without Node.js: the page says it of a file before a byte is sent, the service of what has arrived.
 */
export interface Objection {
  /** A clause such as `it is a zip file`. */
  readonly what: string;
  readonly advice: string;
}

export const objectionText = ({ what, advice }: Objection, subject = "The upload"): string =>
  `${subject} can't be used: ${what}; ${advice}.`;

export const ACCEPTED = "upload a backup archive (.tar.gz) or a database dump in custom format (.backup)";
export const MAKE_AGAIN = "make the archive again and upload it";
export const UPLOAD_AGAIN = "the file is damaged or incomplete, so upload it again from a good copy";
export const AS_CUSTOM = "make the dump with pg_dump --format=custom";
