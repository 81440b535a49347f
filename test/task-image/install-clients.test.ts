/**
 * The image's packages, installed by the real script with an apt that this test plays: which repositories are asked,
 * what is installed, and what stops the build.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SCRIPT = join(__dirname, "../../lambda/database-task/install-clients.sh");

/** Which major versions each place has. */
interface Places {
  readonly supported?: readonly number[];
  readonly archived?: readonly number[];
  /** Hosts that don't answer. */
  readonly unreachable?: readonly string[];
  readonly key?: string | null;
}

let folder: string;
const path = (...parts: readonly string[]): string => join(folder, ...parts);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "install-clients-"));
  for (const name of ["bin", "sources", "preferences", "keys", "lists"]) mkdirSync(path(name));
  writeFileSync(path("os-release"), 'NAME="Debian GNU/Linux"\nVERSION_CODENAME=trixie\n');
  writeFileSync(path("lists", "old"), "");
});
afterEach(() => rmSync(folder, { recursive: true }));

const program = (name: string, lines: readonly string[]): void => {
  writeFileSync(path("bin", name), ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(path("bin", name), 0o755);
};

/** apt as far as the script needs it: what a package list holds depends on the sources that are written when it is asked. */
const install = (
  majors: string,
  {
    supported = [14, 15, 16, 17, 18],
    archived = [9, 13, ...supported],
    unreachable = [],
    key = "apt.postgresql.org.gpg",
  }: Places = {},
) => {
  if (key !== null) writeFileSync(path("keys", key), "");
  program("apt-get", [
    `echo "apt-get $*" >> ${path("calls")}`,
    ...unreachable.map(
      (host) =>
        `case "$*" in *update*) if grep -qs "https://${host}/" ${path("sources")}/*; then echo "E: Failed to fetch ${host}" >&2; exit 100; fi;; esac`,
    ),
  ]);
  program("apt-cache", [
    `found() { for one in $1; do if [ "$2" = "postgresql-client-$one" ]; then echo " $2 | $one.1 | somewhere"; fi; done; }`,
    `if grep -qs "https://apt.postgresql.org/" ${path("sources")}/*; then found "${supported.join(" ")}" "$2"; fi`,
    `if grep -qs "https://apt-archive.postgresql.org/" ${path("sources")}/*; then found "${archived.join(" ")}" "$2"; fi`,
  ]);
  const { status, stderr } = spawnSync("sh", [SCRIPT, majors], {
    encoding: "utf8",
    env: {
      PATH: `${path("bin")}:/usr/bin:/bin`,
      OS_RELEASE: path("os-release"),
      SOURCES: path("sources"),
      PREFERENCES: path("preferences"),
      KEYS: path("keys"),
      LISTS: path("lists"),
    },
  });
  const calls = existsSync(path("calls")) ? readFileSync(path("calls"), "utf8").trim().split("\n") : [];
  return {
    status,
    stderr: stderr.trim(),
    calls,
    installed: calls.filter((call) => call.includes("postgresql-client-")),
    sources: readdirSync(path("sources")),
  };
};

test("versions that are supported come from the repository; the archive isn't asked", () => {
  const { status, stderr, installed, sources } = install("14,15,16,17,18", {
    unreachable: ["apt-archive.postgresql.org"],
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(installed).toEqual([
    "apt-get -o Acquire::Retries=3 install -y --no-install-recommends postgresql-client-14 postgresql-client-15 postgresql-client-16 postgresql-client-17 postgresql-client-18",
  ]);
  expect(sources).toEqual(["pgdg.sources"]);
  expect(readFileSync(path("sources", "pgdg.sources"), "utf8")).toBe(
    `Types: deb\nURIs: https://apt.postgresql.org/pub/repos/apt\nSuites: trixie-pgdg\nComponents: main\nSigned-By: ${path("keys", "apt.postgresql.org.gpg")}\n`,
  );
});

test.each([
  ["13 beside those of today", "13,14,18", [14, 15, 16, 17, 18]],
  ["14, once it is taken away", "14,15", [15, 16, 17, 18]],
  ["two that have ended", "9,13,18", [14, 18]],
  ["nothing but one that has ended", "13", [14]],
])("%s: what has ended comes from the archive, and only that", (_what, majors, supported) => {
  const { status, stderr, installed, sources } = install(majors, { supported, archived: [9, 13, 14, 15, 16, 17, 18] });
  expect([status, stderr]).toEqual([0, ""]);
  expect(installed).toHaveLength(1);
  for (const major of majors.split(",")) expect(installed[0]).toContain(` postgresql-client-${major}`);
  expect(sources).toEqual(["pgdg-archive.sources", "pgdg.sources"]);
  const archive = readFileSync(path("sources", "pgdg-archive.sources"), "utf8");
  expect(archive).toContain("URIs: https://apt-archive.postgresql.org/pub/repos/apt\nSuites: trixie-pgdg-archive\n");
  expect(archive).toContain(`Signed-By: ${path("keys")}/`);
  // Behind every other source, whose priority is 500.
  expect(readFileSync(path("preferences", "pgdg-archive"), "utf8")).toBe(
    "Package: *\nPin: origin apt-archive.postgresql.org\nPin-Priority: 100\n",
  );
});

test.each([
  [
    "one that doesn't exist yet",
    "18,19",
    {},
    /neither apt\.postgresql\.org nor its archive .* PostgreSQL 19 for Debian trixie; take 19 out of databaseTask\.postgresqlMajors\.$/,
  ],
  ["one from before the archive", "8", {}, /take 8 out of/],
  [
    "the repository doesn't answer",
    "17",
    { unreachable: ["apt.postgresql.org"] },
    /Failed to fetch apt\.postgresql\.org/,
  ],
  [
    "the archive doesn't answer, and one has ended",
    "13,17",
    { unreachable: ["apt-archive.postgresql.org"] },
    /Failed to fetch apt-archive/,
  ],
  ["no key", "17", { key: null }, /has no key of apt\.postgresql\.org/],
  ["no list", "", {}, /"" is no list of major versions such as 15,16,17/],
  ["a hole in the list", "15,,17", {}, /"15,,17" is no list/],
  ["an end without a version", "15,", {}, /is no list/],
  ["words", "15,latest", {}, /is no list/],
  ["another command", "15;reboot", {}, /is no list/],
])("%s stops the build, with nothing installed", (_what, majors, places: Places, sentence) => {
  const { status, stderr, installed } = install(majors, places);
  expect(status).not.toBe(0);
  expect(stderr).toMatch(sentence);
  expect(installed).toEqual([]);
});

test("Debian's own packages are renewed first, a list that can't be fetched is an error, and lists don't stay", () => {
  const { calls } = install("17", { key: "apt.postgresql.org.asc" });
  expect(calls.slice(0, 3)).toEqual([
    "apt-get -o APT::Update::Error-Mode=any -o Acquire::Retries=3 update",
    "apt-get -o Acquire::Retries=3 upgrade -y",
    "apt-get -o Acquire::Retries=3 install -y --no-install-recommends ca-certificates postgresql-common",
  ]);
  expect(calls.filter((call) => call.endsWith(" update"))).toEqual([calls[0], calls[0]]);
  expect(readFileSync(path("sources", "pgdg.sources"), "utf8")).toContain("apt.postgresql.org.asc\n");
  expect(readdirSync(path("lists"))).toEqual([]);
});
