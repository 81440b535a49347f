/** A review that can't be made, in one sentence that says what to do. */
export class ReviewError extends Error {
  override name = "ReviewError";
}
