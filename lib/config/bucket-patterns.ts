/** Whether an IAM pattern (`*` for any characters) matches a bucket's name. */
export const matchesPattern = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replace(/[.\\+?^$()[\]{}|]/g, "\\$&"))
      .join(".*")}$`,
  ).test(name);
