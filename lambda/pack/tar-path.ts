/**
 * Where a file lies in a tar: `tree/<e[0:2]>/<e[2:4]>/<e>`, where `e` is the key itself for a UUID. In other keys
 * every byte but letters, digits, `.`, `_` and `-` is percent-encoded, so that `e` is one flat, harmless name.
 * Names too long for a file system are cut into directories that each end in `%`, which no complete name does: a
 * directory and a file can never want the same path. Reversible; a hostile key can't leave `tree/`.
 */
const PIECE = 200;

export function tarPath(key: string): string {
  const name = flatName(key);
  const [first, second] = prefixes(name);
  return `tree/${first}/${second}/${pieces(name).join("/")}`;
}

/** The key whose path this is, or undefined where `path` is not exactly what `tarPath` gives. */
export function keyOfTarPath(path: string): string | undefined {
  const [tree, , , ...rest] = path.split("/");
  if (tree !== "tree" || rest.length === 0) return undefined;
  const name = rest.map((piece, i) => (i < rest.length - 1 ? piece.slice(0, -1) : piece)).join("");
  try {
    const key = decodeURIComponent(name);
    return tarPath(key) === path ? key : undefined;
  } catch {
    return undefined; // a percent sign that begins no escape, or bytes that are no UTF-8
  }
}

function flatName(key: string): string {
  if (key === "") throw new RangeError("The empty key has no path.");
  if (key === "." || key === "..") return escapeDots(key);
  if (/^[A-Za-z0-9._-]+$/.test(key)) return key;
  return encodeURIComponent(key).replace(/[!'()*~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

function prefixes(name: string): [string, string] {
  const start = name
    .slice(0, 4)
    .replace(/[^A-Za-z0-9_-]/g, "_")
    .padEnd(4, "_");
  return [start.slice(0, 2), start.slice(2)];
}

function pieces(name: string): string[] {
  if (name.length <= PIECE) return [name];
  const cut: string[] = [];
  for (let at = 0; at < name.length; at += PIECE - 1) cut.push(name.slice(at, at + PIECE - 1));
  const last = cut.pop() ?? "";
  return [...cut.map((piece) => `${piece}%`), last === "." || last === ".." ? escapeDots(last) : last];
}

const escapeDots = (dots: string): string => dots.replaceAll(".", "%2E");
