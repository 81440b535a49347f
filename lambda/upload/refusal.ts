/** What is wrong with an upload, as one sentence for whoever made it. Nothing of a refused upload is stored. */
import { ServiceFailure } from "../runtime/collaborators";
import { objectionText } from "./objection";

export const UPLOAD_REFUSED = "UploadRefused";

export class UploadRefused extends ServiceFailure {
  /** `what` is a clause such as `it is a zip file`; `advice` says what to do. */
  constructor(
    readonly what: string,
    advice: string,
    options?: ErrorOptions,
  ) {
    super(UPLOAD_REFUSED, objectionText({ what, advice }), false, options);
  }
}

export { MAKE_AGAIN, UPLOAD_AGAIN } from "./objection";

const LONGEST_NAME = 120;

/** A name out of an upload, harmless in a sentence: quoted, without control characters, cut. */
export const quoted = (name: string): string => {
  const text = JSON.stringify(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);
  return text.replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, "?");
};
