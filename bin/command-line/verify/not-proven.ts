/** Closure could be neither proven nor refuted. The message is one sentence's middle: why. */
export class NotProven extends Error {
  override name = "NotProven";
}
