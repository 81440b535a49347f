import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { END_OF_ARCHIVE, tarHeader, tarPadding } from "../../lambda/pack/tar-header";

const folder = mkdtempSync(join(tmpdir(), "tar-header-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PATHS = [
  "tree/ab/cd/short",
  `${"d".repeat(90)}/${"n".repeat(100)}`, // name and prefix
  "n".repeat(100),
  `${"d".repeat(155)}/${"n".repeat(100)}`,
  `${"d".repeat(156)}/${"n".repeat(100)}`, // PAX from here
  "n".repeat(101),
  `tree/ab/cd/${"x".repeat(200)}`,
  "ümläut/\u{1f600}.txt",
  `${"é".repeat(80)}/${"z".repeat(300)}`,
  "db/db.backup",
];
const archive = (): Buffer =>
  Buffer.concat([
    ...PATHS.flatMap((path, i) => {
      const content = Buffer.from(`content ${i}`);
      return [tarHeader(path, content.length), content, Buffer.alloc(tarPadding(content.length))];
    }),
    END_OF_ARCHIVE,
  ]);

test("Python and GNU tar read every path, with the fixed owner, mode and time", () => {
  const file = join(folder, "paths.tar");
  writeFileSync(file, archive());
  const script = `
import json, sys, tarfile
with tarfile.open(sys.argv[1], "r:") as tar:
    print(json.dumps([[m.name, m.size, m.mode, m.uid, m.mtime, tar.extractfile(m).read().decode()] for m in tar]))`;
  const read = spawnSync("python3", ["-c", script, file], { encoding: "utf8" });
  expect(read.stderr).toBe("");
  expect(JSON.parse(read.stdout)).toEqual(PATHS.map((path, i) => [path, 9, 0o644, 0, 946_684_800, `content ${i}`]));

  const listed = spawnSync("tar", ["--quoting-style=literal", "-tf", file], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C.UTF-8" },
  });
  expect(listed.stderr).toBe("");
  expect(listed.stdout.trimEnd().split("\n")).toEqual(PATHS);
});

test("sizes from 8 GiB stand in a PAX record", () => {
  const small = tarHeader("a", 8 * 1024 ** 3 - 1);
  expect(small.length).toBe(512);
  expect(small.toString("latin1", 124, 135)).toBe("77777777777");
  const large = tarHeader("a", 8 * 1024 ** 3);
  expect(large.length).toBe(1536);
  expect(large.toString("latin1", 512, 532)).toBe("19 size=8589934592\n\0");
  const script = `
import io, sys, tarfile
tar = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()), mode="r:")
print(tar.next().size)`;
  const read = spawnSync("python3", ["-c", script], {
    input: Buffer.concat([large, Buffer.alloc(512)]),
    encoding: "utf8",
  });
  expect(read.stdout.trim()).toBe("8589934592");
});

test("equal paths and sizes give equal bytes", () => {
  for (const path of PATHS) expect(tarHeader(path, 5).equals(tarHeader(path, 5))).toBe(true);
});
