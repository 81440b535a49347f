/** The anchors of a document, as GitHub makes them of its headings. https://docs.github.com/en/get-started/writing-on-github */
import { readFileSync } from "node:fs";

export const anchorsOf = (path: string): readonly string[] =>
  [...readFileSync(path, "utf8").matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
