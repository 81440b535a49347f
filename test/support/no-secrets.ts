/**
 * Proves that a log holds no secret: none of those that the test knows, in any spelling in which they could have got
 * there, and nothing that has the form of one. The failure names the secret and the place, and prints neither the
 * secret nor the line that holds it.
 */

export interface LogText {
  /** A file's name, or another word that tells where the text was written. */
  readonly name: string;
  readonly text: string;
}
export interface KnownSecret {
  /** What it is, such as `the database's password`. */
  readonly name: string;
  readonly value: string;
}
export interface SecretFound {
  readonly secret: string;
  readonly log: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

/** Shorter values would be found by chance. */
const SHORTEST = 6;

/** What looks like a secret, whoever it belongs to. What stands where the value was taken out is none. */
const FORMS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: "an API key", pattern: /\bnbk_[\w-]{20,}/g },
  { name: "an archive's link", pattern: /\/links\/(?!\[redacted\]|%5Bredacted|\{|:)[\w.%-]{20,}/g },
  { name: "a presigned signature", pattern: /X-Amz-Signature(?:=|%(?:25)*3D)[0-9a-f]{16,}/gi },
  { name: "session credentials", pattern: /X-Amz-Security-Token(?:=|%(?:25)*3D)(?!\[redacted\])[^&\s"]{8,}/gi },
  { name: "a signed token", pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g },
  { name: "a password in an address", pattern: /\b[a-z][a-z0-9+]*:\/\/[^\s:/@"]+:(?!\[redacted\]@)[^\s/@"]+@/gi },
  { name: "a password in the environment", pattern: /\bPGPASSWORD["']?\s*[=:]\s*["']?(?!\[redacted\])[^\s"']+/g },
  { name: "a private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/g },
];

/** Throws an error that lists every place, at most twenty of them. */
export function expectNoSecrets(logs: readonly LogText[], secrets: readonly KnownSecret[]): void {
  const found = logs.flatMap((log) => findSecrets(log, secrets));
  if (found.length === 0) return;
  const places = found.slice(0, 20).map(({ secret, log, line, column }) => `${log}:${line}:${column} holds ${secret}`);
  const more = found.length > places.length ? [`and ${found.length - places.length} more`] : [];
  throw new Error(["Secrets were logged:", ...places, ...more].join("\n  "));
}

export function findSecrets({ name, text }: LogText, secrets: readonly KnownSecret[]): readonly SecretFound[] {
  const offsets = new Map<number, string>();
  for (const secret of secrets) {
    if (secret.value.length < SHORTEST) {
      throw new Error(`${secret.name} has fewer than ${SHORTEST} characters and can't be told from chance.`);
    }
    for (const spelling of spellings(secret.value)) {
      for (let at = text.indexOf(spelling); at >= 0; at = text.indexOf(spelling, at + 1)) {
        offsets.set(at, offsets.get(at) ?? secret.name);
      }
    }
  }
  for (const { name: form, pattern } of FORMS) {
    for (const { index } of text.matchAll(pattern)) offsets.set(index, offsets.get(index) ?? form);
  }
  return [...offsets]
    .toSorted(([a], [b]) => a - b)
    .map(([offset, secret]) => ({ secret, log: name, ...placeOf(text, offset) }));
}

/** As it is, as it stands in JSON (once and twice), in an address, in Base64 and in hex. */
const spellings = (value: string): ReadonlySet<string> => {
  const json = JSON.stringify(value).slice(1, -1);
  const bytes = Buffer.from(value, "utf8");
  return new Set([
    value,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(value),
    new URLSearchParams({ v: value }).toString().slice(2),
    ...base64Within(bytes),
    bytes.toString("hex"),
  ]);
};

/** Base64 of something that contains the bytes, at each of the three ways in which they can lie. */
const base64Within = (bytes: Buffer): readonly string[] =>
  [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    // Digits at either end also depend on what stands beside the bytes.
    const inner = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return inner.length < SHORTEST ? [] : [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
  });

const placeOf = (text: string, offset: number): { readonly line: number; readonly column: number } => {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - start + 1 };
};
