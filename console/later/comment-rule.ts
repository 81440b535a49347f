/** The API's limit for comments, checked while they are written. Pure. */
export const COMMENT_LIMIT = 1000;

export const commentProblem = (comment: string): string | undefined =>
  comment.length > COMMENT_LIMIT ? `The comment has ${comment.length} characters: shorten it.` : undefined;
