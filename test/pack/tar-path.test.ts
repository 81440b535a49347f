import { keyOfTarPath, tarPath } from "../../lambda/pack/tar-path";
import { seeded } from "./support";

describe("the path of a key in a tar", () => {
  test.each([
    ["0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f", "tree/01/89/0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"],
    ["a", "tree/a_/__/a"],
    ["photos/summer 2026.jpg", "tree/ph/ot/photos%2Fsummer%202026.jpg"],
    ["../../etc/passwd", "tree/__/_2/..%2F..%2Fetc%2Fpasswd"],
    ["..", "tree/_2/E_/%2E%2E"],
    [".", "tree/_2/E_/%2E"],
    ["/", "tree/_2/F_/%2F"],
    ["100%", "tree/10/0_/100%25"],
    ["é'(*)!~", "tree/_C/3_/%C3%A9%27%28%2A%29%21%7E"],
    ["\n\0", "tree/_0/A_/%0A%00"],
  ])("of %j is %s", (key, path) => {
    expect(tarPath(key)).toBe(path);
    expect(keyOfTarPath(path)).toBe(key);
  });

  test("any key comes back, stays inside tree/, and no path is the directory of another", () => {
    const next = seeded(7);
    const alphabet = [
      "a",
      "B",
      "9",
      "-",
      "_",
      ".",
      "..",
      "/",
      "%",
      "%2",
      "%2E",
      " ",
      "é",
      "\u{1f600}",
      "\ue000",
      "\0",
      "\\",
      "~",
      "'",
      '"',
      "\n",
    ];
    const paths = new Set<string>();
    const directories = new Set<string>();
    for (let round = 0; round < 20_000; round++) {
      const length = next() < 0.8 ? 1 + next() * 8 : next() * 400;
      let key = "";
      while (key.length < length) key += alphabet[Math.floor(next() * alphabet.length)];
      const path = tarPath(key);
      const pieces = path.split("/");
      const harmless = /^tree\/[A-Za-z0-9_-]{2}\/[A-Za-z0-9_-]{2}\/[A-Za-z0-9._%/-]+$/.test(path);
      const wellFormed = pieces.every((piece) => piece.length <= 200 && !["", ".", ".."].includes(piece));
      if (keyOfTarPath(path) !== key || !harmless || !wellFormed)
        throw new Error(`${JSON.stringify(key)} became ${path}`);
      paths.add(path);
      for (let i = 1; i < pieces.length; i++) directories.add(pieces.slice(0, i).join("/"));
    }
    expect([...paths].filter((path) => directories.has(path))).toEqual([]);
  });

  test("keys whose last piece would be dots do not climb", () => {
    for (const tail of [".", ".."]) {
      const key = "x".repeat(199) + "y" + "z".repeat(198) + tail;
      expect(tarPath(key).split("/").at(-1)).toMatch(/^%2E/);
      expect(keyOfTarPath(tarPath(key))).toBe(key);
    }
  });

  test.each([
    "tree/ab/cd",
    "tree/xx/yy/abcd",
    "other/ab/cd/abcd",
    "tree/ab/cd/abcd/..",
    "tree/ab/cd/ab%zz",
    "tree/ab/cd/%FF",
    "/tree/ab/cd/abcd",
    "",
  ])("%j is no such path", (path) => expect(keyOfTarPath(path)).toBeUndefined());
});
