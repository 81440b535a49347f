/** JSON with line and block comments, as in JavaScript. Comments become blanks, so that the parser's positions stay right. */
const STRING_OR_COMMENT = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** A key that a group has already: of two values the later counts, and nobody sees which was meant. */
export class RepeatedKeyError extends Error {
  override name = "RepeatedKeyError";
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;

/** Keys as they are read, so that an escaped one counts too. `json` is valid. */
const refuseRepeatedKeys = (json: string): void => {
  const groups: Map<string, number>[] = [];
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (token === "{" || token === "[") groups.push(new Map());
    else if (token === "}" || token === "]") groups.pop();
    else if (/^\s*:/.test(json.slice(index + token.length))) {
      const key = JSON.parse(token) as string;
      const line = json.slice(0, index).split("\n").length;
      const earlier = groups.at(-1)?.get(key);
      if (earlier !== undefined)
        throw new RepeatedKeyError(
          `"${key}" is given twice in one group, ${earlier === line ? `in line ${line}` : `in lines ${earlier} and ${line}`}`,
        );
      groups.at(-1)?.set(key, line);
    }
  }
};

/** Throws RepeatedKeyError, or SyntaxError with `line N` in its message. */
export const parseJsonWithComments = (text: string): unknown => {
  const json = text.replace(STRING_OR_COMMENT, (found) =>
    found.startsWith('"') ? found : found.replace(/[^\n]/g, " "),
  );
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    const position = /position (\d+)/.exec((error as SyntaxError).message)?.[1];
    const line = position === undefined ? json.split("\n").length : json.slice(0, Number(position)).split("\n").length;
    throw new SyntaxError(`line ${line} cannot be read as JSON`, { cause: error });
  }
  refuseRepeatedKeys(json);
  return value;
};
