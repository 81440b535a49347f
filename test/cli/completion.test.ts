/** Completion in bash, by bash itself; zsh and fish where they are installed, and what their scripts hold everywhere. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommandLine } from "../../bin/command-line/run-command-line";
import { NOTHING_ELSE } from "./cli-fixture";
import { program, verbs } from "./verbs";

const scriptFor = async (shell: string): Promise<string> => {
  const out: string[] = [];
  const surroundings = { ...NOTHING_ELSE, out: (text: string) => out.push(text), err: () => undefined };
  expect(await runCommandLine(["completion", shell], surroundings)).toBe(0);
  return out.join("\n");
};

let folder: string;
let script: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "backups-completion-"));
  script = join(folder, "backups.bash");
  writeFileSync(script, await scriptFor("bash"));
  for (const file of ["shop production.json", "shop-test.json", "other.txt"]) writeFileSync(join(folder, file), "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What bash offers for the last of these words. */
const offered = (...words: readonly string[]): readonly string[] => {
  const asked = spawnSync(
    "bash",
    [
      "--norc",
      "-c",
      'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _backups; printf "%s\\n" "${COMPREPLY[@]}"',
      "bash",
      script,
      "backups",
      ...words,
    ],
    { encoding: "utf8", cwd: folder },
  );
  expect([asked.status, asked.stderr]).toEqual([0, ""]);
  return asked.stdout.split("\n").filter((word) => word !== "");
};

describe("bash", () => {
  test("knows every command, and every verb's options", () => {
    expect(offered("")).toEqual(program().commands.map((command) => command.name()));
    for (const { name, command } of verbs()) {
      const path = name.split(" ");
      expect(offered(...path.slice(0, -1), path.at(-1) ?? "")).toContain(path.at(-1));
      const flags = [...command.options, ...program().options]
        .filter(({ hidden }) => !hidden)
        .flatMap(({ flags: text }) => text.match(/--[\w-]+/g) ?? []);
      expect([name, offered(...path, "-")]).toEqual([name, [...new Set([...flags, "--help"])]]);
    }
  }, 60_000);
  test.each<[readonly string[], readonly string[]]>([
    [["sn"], ["snapshots", "snapshot"]],
    [
      ["keys", ""],
      ["create", "revoke", "list"],
    ],
    [
      ["--stage", "keys", "res"],
      ["restore", "restore-status", "restores"],
    ],
    [["--json", "keys", "cr"], ["create"]],
    [
      ["snapshots", "--state", ""],
      ["queued", "running", "failed", "completed"],
    ],
    [["snapshots", "shop", "--state", "=", "co"], ["completed"]],
    [
      ["snapshots", "--state", "="],
      ["queued", "running", "failed", "completed"],
    ],
    [["snapshots", "--tier", "w"], ["weekly"]],
    [["snapshots", "shop", "--limit", ""], []],
    [["snapshots", "keys", ""], []],
    [
      ["snapshots", "keys", "--st"],
      ["--state", "--stage"],
    ],
    [["delete", "--y"], []],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [
      ["register", "shop"],
      ["shop production.json", "shop-test.json"],
    ],
    [
      ["register", "--no-"],
      ["--no-probe", "--no-wait"],
    ],
    [["upload", "shop-acceptance", "o"], ["other.txt"]],
    [["download", "e", "s", "--to", "o"], ["other.txt"]],
    [["nonsense", ""], program().commands.map((command) => command.name())],
  ])("%j", (words, expected) => {
    // Files come as the folder has them.
    expect(offered(...words).toSorted()).toEqual(expected.toSorted());
  });
});

test.each(["zsh", "fish"])("%s: every command and option stands in its script", async (shell) => {
  const text = await scriptFor(shell);
  for (const { name, command } of verbs()) {
    expect(text).toContain(`' ${name}'`.replaceAll("'", shell === "fish" ? "\\'" : "'"));
    for (const { long, hidden } of command.options)
      if (!hidden && long?.startsWith("--") === true)
        expect(text).toContain(shell === "fish" ? `-l ${long.slice(2)}` : long);
  }
});

test("zsh and fish read their scripts, where they are installed", async () => {
  const isHere = (shell: string): boolean => spawnSync(shell, ["-c", "exit"]).status === 0;
  for (const shell of ["zsh", "fish"].filter(isHere)) {
    const read = spawnSync(shell, ["--no-execute"], { input: await scriptFor(shell), encoding: "utf8" });
    expect([shell, read.status, read.stderr]).toEqual([shell, 0, ""]);
  }
  expect(isHere("bash")).toBe(true);
});

test("a shell that is none of them is asked for wrongly", async () => {
  const err: string[] = [];
  const surroundings = { ...NOTHING_ELSE, out: () => undefined, err: (text: string) => err.push(text) };
  expect(await runCommandLine(["completion", "powershell"], surroundings)).toBe(2);
  expect(err.join()).toContain("Allowed choices are bash, zsh, fish");
});
