import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secrets } from "../../local/story/secrets";

test("a secret is found in every spelling, by its place and never by its value", async () => {
  const folder = mkdtempSync(join(tmpdir(), "secrets-"));
  const secrets = new Secrets();
  secrets.add(`pass"word\\ 1`);
  secrets.add("local");
  secrets.noteLinks(
    JSON.stringify({
      url: "http://127.0.0.1:1/backups/api/v2/links/a1.tokentoken",
      part: `http://127.0.0.1:2/transfer/x?X-Amz-Expires=1&X-Amz-Signature=${"0a".repeat(32)}`,
    }),
  );
  writeFileSync(join(folder, "clean.log"), 'local\n{"path":"/links/[redacted]"}\n');
  writeFileSync(join(folder, "a.log"), `nothing\n${JSON.stringify({ message: `pass"word\\ 1` })}\n`);
  writeFileSync(join(folder, "b.log"), `pass%22word%5C%201\nGET /links/a1.tokentoken\n${"0a".repeat(32)}\n`);
  expect(await secrets.findIn(folder)).toEqual(["a.log:2", "b.log:1", "b.log:2", "b.log:3"]);
});
