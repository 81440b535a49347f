/** The last step of the image's build: an image that could not back up, or could not prove a server, is not built. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBundle } from "../../lib/assets/bundle";
import { readAuthorities } from "../../lambda/database-task/authorities";
import { checkImage } from "../../lambda/database-task/check-image";
import { ofAServer, until2024, until2061, untilMarch2027 } from "./certificates";

const NOW = new Date("2026-11-30T12:00:00Z");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "check-image-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("RDS's certificate authorities", () => {
  test("those that have ended are counted and do no harm", () => {
    expect(readAuthorities(`# RDS\n${until2024}${untilMarch2027}${until2061}`, NOW)).toEqual({
      valid: 2,
      ended: 1,
      first: "2027-03-01",
    });
  });

  test.each([
    ["nothing", "", /holds 0 whole certificates and begins 0/],
    ["a web page", "<html><body>403 Forbidden</body></html>", /holds 0 whole certificates/],
    ["a download cut off", `${until2061}${until2024.slice(0, 300)}`, /holds 1 whole certificates and begins 2/],
    ["one whose end is lost between others", `${until2024.replace(/-----END.*/, "")}${until2061}`, /begins 2/],
    [
      "letters that are no certificate",
      `${until2061}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
      /^Certificate 2 .* can't be read/,
    ],
    ["a server's certificate", `${until2061}${ofAServer}`, /^Certificate 2 .* none of an authority/],
    ["only what has ended", until2024, /Of RDS's 1 certificate authorities none is valid for another year/],
    ["only what ends within the year", `${until2024}${untilMarch2027}`, /none is valid for another year/],
  ])("%s is refused in one sentence", (_what, pem, sentence) => {
    expect(() => readAuthorities(pem, NOW)).toThrow(sentence);
  });
});

/** A program that says what pg_dump of this version says. */
const program = (major: string, version: string): void => {
  const place = join(folder, major);
  mkdirSync(place);
  writeFileSync(join(place, "pg_dump"), `#!/bin/sh\necho "pg_dump (PostgreSQL) ${version}"\n`);
  chmodSync(join(place, "pg_dump"), 0o755);
};
const check = (majors: readonly number[]): Promise<readonly string[]> => {
  const certificates = join(folder, "rds.pem");
  writeFileSync(certificates, until2061);
  return checkImage(majors, { certificates, programs: join(folder, "{major}"), now: NOW });
};

describe("PostgreSQL's programs", () => {
  test("each major version is run and told", async () => {
    program("13", "13.23 (Debian 13.23-1.pgdg13+1)");
    program("18", "18.6");
    expect(await check([13, 18])).toEqual([
      "PostgreSQL 13.23",
      "PostgreSQL 18.6",
      "1 certificate authorities, the first of which ends on 2061-05-19; 0 have ended",
    ]);
  });

  test("one that is missing, older or newer than its place says stops the build", async () => {
    program("15", "15.18");
    program("16", "15.18");
    program("17", "18.0");
    await expect(check([15, 14])).rejects.toThrow(/^The PostgreSQL client tools of version 14 can't be run/);
    await expect(check([16])).rejects.toThrow(/\(version 15\.18\) are older/);
    await expect(check([17])).rejects.toThrow(
      "The client programs of PostgreSQL 17 say that they are of version 18.0.",
    );
  });
});

test("the built program ends with 1 and one sentence", () => {
  const { databaseTaskFolder } = buildBundle(join(folder, "bundle"));
  writeFileSync(join(folder, "rds.pem"), until2061);
  let failure: { status?: number; stderr?: string } = {};
  try {
    execFileSync(process.execPath, [join(databaseTaskFolder, "check-image.js"), "13", join(folder, "rds.pem")], {
      encoding: "utf8",
      stdio: "pipe",
    });
  } catch (error) {
    failure = error as typeof failure;
  }
  expect(failure.status).toBe(1);
  expect(failure.stderr).toMatch(/^The PostgreSQL client tools of version 13 can't be run [^\n]*\n$/);
});
