/** What ends `npm run build-image`: one sentence. */
export class BuildImageError extends Error {
  override name = "BuildImageError";
}
