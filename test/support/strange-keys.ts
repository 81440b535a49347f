/** Keys that S3 takes and that names of files, URLs, XML, JSON, tars or terminals make trouble with. */

/** Names of files, and of the archive's own entries. */
const PATHS = [
  "/a.txt",
  "/",
  "//",
  "//a//b//",
  "a/",
  "a//b",
  "/a/",
  ".",
  "..",
  "...",
  "./x",
  "../x",
  "x/.",
  "x/..",
  "a/./b",
  "a/../b",
  "../../../../etc/passwd",
  "/etc/passwd",
  "C:\\db\\x",
  "..\\x",
  "tree/ab/cd/abcd",
  "tree/_2/E_/%2E",
  "db/db.backup",
  ".metadata",
  "toc.dat",
  "PaxHeaders/file",
  "././@LongLink",
  "A",
  "a",
];
const CHARACTERS = [
  "tab\there",
  "line\nbreak",
  "line\r\nbreak",
  "\n",
  "ctrl\u0010x.txt",
  "\u0001",
  "\u001b[31m",
  "\u007f",
  "\u0085",
  "\0",
  "\u2028",
  "a\u2029b",
  "\u202etxt.exe",
  "\ufeffa",
  "\ufffe",
  "\uffff",
  "\ud7ff",
  "\ue000",
  "\u{1f600}",
  "\u{10ffff}",
  "é",
  "e\u0301",
  " ",
  " a ",
  "a b",
  "a+b",
  "\\",
];
/** Of URLs, XML, JSON, shells and JavaScript. */
const LANGUAGES = [
  "%",
  "%2F",
  "%2e",
  "%2E%2E",
  "%252E",
  "%zz",
  "100%",
  "a%20b",
  "a?b#c",
  "?versionId=1",
  "<>&\"'",
  '"',
  "$(touch x)",
  "`x`",
  "-rf",
  "--help",
  "*",
  "{Key+}",
  "\\u0000",
  '{"key":"x"}',
  "__proto__",
  "constructor",
  "null",
  "undefined",
];
const LONGEST_KEYS = ["x".repeat(1024), "é".repeat(512), "/".repeat(1024), "..".repeat(512), "\u{1f600}".repeat(256)];
/** Cut into directories for the archive, right before or within what must not stand alone there. */
const CUT = [199, 200, 201, 398, 399, 400].flatMap((length) =>
  ["", ".", "..", "/", "%"].map((tail) => "k".repeat(length) + tail),
);

/** One of each kind that has gone wrong somewhere, or could be taken for another key. */
const KNOWN = [PATHS, CHARACTERS, LANGUAGES, LONGEST_KEYS, CUT].flat();

const PIECES = [
  ..."a B 9 - _ . / % \\ ~ ' + & ? # \t \n \r \0 \u0010 \u007f \u0085 é \u2028 \ufffe \ue000 \u{1f600} .. %2 %2E tree/ //".split(
    " ",
  ),
  " ",
];
const LONGEST = 1024;

/** `count` different keys of 1 to 1,024 bytes: those above, then such as `next` makes of pieces and of any code point. */
export function strangeKeys(next: () => number, count: number): readonly string[] {
  const keys = new Set(KNOWN.slice(0, count));
  while (keys.size < count) {
    const length = next() < 0.9 ? 1 + next() * 24 : next() * LONGEST;
    let key = "";
    for (;;) {
      const longer = key + (next() < 0.8 ? (PIECES[Math.floor(next() * PIECES.length)] ?? "") : codePoint(next));
      if (Buffer.byteLength(longer) > Math.min(LONGEST, Math.max(1, length) + 4)) break;
      key = longer;
    }
    if (key !== "") keys.add(key);
  }
  return [...keys];
}

/** Any but surrogates, the low ones more often. */
function codePoint(next: () => number): string {
  const code = Math.floor(next() < 0.5 ? next() * 0x100 : next() * 0x110000);
  return code >= 0xd800 && code <= 0xdfff ? "" : String.fromCodePoint(code);
}
