/** What a file is by its first bytes: one rule for the page and the service, which say the same sentence. */
import { dumpObjection, kindOfContents, kindOfFile } from "../../lambda/upload/first-bytes";
import { fileSizeProblem } from "../../lambda/upload/file-size";
import { objectionText } from "../../lambda/upload/objection";
import { acceptedFile } from "../../lambda/upload/upload-kind";
import { GOOD, MISTAKES } from "../console/upload-files";

const SENTENCE = /^The upload can't be used: [^\n]+; [^\n]+\.$/;
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

test.each([
  ["PK\x03\x04\x14\0\x01\0", /a zip file with a password/],
  ["PK\x03\x04\x14\0\0\0", /it is a zip file;/],
  ["PK\x03\x04\x14\0\x08\x08", /it is a zip file;/],
  ["PK\x03\x04", /it is a zip file;/],
  ["-----BEGIN PGP MESSAGE-----\n", /encrypted with PGP/],
  ["\x8c\x0d\x04\x09\x03\x02", /encrypted with PGP/],
  ["\x85\x02\x0c\x03", /encrypted with PGP/],
  ["Salted__12345678", /encrypted with OpenSSL/],
  ["age-encryption.org/v1\n", /encrypted with age/],
  [
    "\xff\xfeP\0G\0D\0M\0P\0",
    /UTF-16 text, as PowerShell's > does; make the dump with pg_dump --format=custom --file=/,
  ],
  ["\xff\xfe-\0-\0 \0x\0", /plain SQL/],
  ["<!DOCTYPE html><html>", /a web page or an error message; download the backup again/],
  ["<?xml version='1.0'?><Error>", /a web page or an error message/],
  ['{"errorCode":"NOT_FOUND"}', /a web page or an error message/],
  ["\xef\xbb\xbf<html>", /a web page or an error message/],
])("%j is told for what it is, by itself and inside gzip", (start, says) => {
  for (const found of [kindOfFile(bytes(start)), kindOfContents(bytes(start))]) {
    const text = typeof found === "string" ? found : objectionText(found);
    expect(text).toMatch(says);
    expect(text).toMatch(SENTENCE);
  }
  expect(() => acceptedFile(bytes(start))).toThrow(says);
});

test("of a dump, its version and format are told before its table of contents", () => {
  const start = (...more: number[]): Uint8Array => Buffer.concat([Buffer.from("PGDMP"), Buffer.from(more)]);
  expect(dumpObjection(start(1, 14, 0, 4, 8, 1))).toBeUndefined();
  expect(dumpObjection(start(1, 16, 0, 4, 8, 1))).toBeUndefined();
  expect(dumpObjection(start(1, 17, 0, 4, 8, 1))?.what).toMatch(/1\.17, which is newer/);
  expect(dumpObjection(start(2, 0, 0, 4, 8, 1))?.what).toMatch(/2\.0, which is newer/);
  expect(dumpObjection(start(1, 13, 0, 4, 8, 1))?.what).toMatch(/1\.13, which is older/);
  expect(dumpObjection(start(1, 14, 0, 4, 8, 3))?.what).toMatch(/tar format instead of the custom one/);
  expect(dumpObjection(start(1, 14))?.what).toMatch(/ends within its table of contents/);
});

test("sizes", () => {
  expect(fileSizeProblem("a.gz", 0)).toMatch(/"a\.gz" is empty/);
  expect(fileSizeProblem("a.gz", 1)).toBeUndefined();
  expect(fileSizeProblem("a.gz", 5 * 2 ** 40)).toBeUndefined();
  expect(fileSizeProblem("a.gz", 5 * 2 ** 40 + 1)).toMatch(/larger than 5 TiB/);
});

test("the page's mistakes and its good files differ here too, as far as first bytes can tell", () => {
  for (const [, contents] of GOOD) expect(typeof kindOfFile(contents.subarray(0, 512))).toBe("string");
  const told = MISTAKES.filter(([, contents]) => typeof kindOfFile(contents.subarray(0, 512)) !== "string");
  expect(told.length).toBeGreaterThan(8);
});
