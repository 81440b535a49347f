/** JSON with line and block comments, as in JavaScript. Comments become blanks, so that the parser's positions stay right. */
const STRING_OR_COMMENT = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** Throws SyntaxError with `line N` in its message. */
export const parseJsonWithComments = (text: string): unknown => {
  const json = text.replace(STRING_OR_COMMENT, (found) =>
    found.startsWith('"') ? found : found.replace(/[^\n]/g, " "),
  );
  try {
    return JSON.parse(json);
  } catch (error) {
    const position = /position (\d+)/.exec((error as SyntaxError).message)?.[1];
    const line = position === undefined ? json.split("\n").length : json.slice(0, Number(position)).split("\n").length;
    throw new SyntaxError(`line ${line} cannot be read as JSON`, { cause: error });
  }
};
