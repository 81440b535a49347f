/** The rules of `first-bytes.ts`, as the service refuses an upload by them. Pure. */
import { type Objection } from "./objection";
import { kindOfContents, kindOfFile, otherDump } from "./first-bytes";
import { UploadRefused } from "./refusal";

const refusalOf = ({ what, advice }: Objection): UploadRefused => new UploadRefused(what, advice);
const orRefuse = <K extends string>(kind: K | Objection): K => {
  if (typeof kind === "string") return kind;
  throw refusalOf(kind);
};

/** Of the whole file. Throws UploadRefused. */
export const acceptedFile = (start: Uint8Array) => orRefuse(kindOfFile(start));
/** Of what a gzip file holds. Throws UploadRefused. */
export const acceptedContents = (start: Uint8Array) => orRefuse(kindOfContents(start));
/** Of an archive's db/db.backup that is no dump in custom format. */
export const notADump = (start: Uint8Array): UploadRefused => refusalOf(otherDump(start));
