/** However a run ends, its servers end with it, and its folder goes. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

const PROJECT = join(__dirname, "..", "..");
const RUN = ["--import", "tsx", join(__dirname, "servers-of-a-run.ts")];
const LIMIT_MS = 30_000;

interface Up {
  readonly ports: readonly number[];
  readonly folder: string;
}

/** Starts a run, waits until its servers are up, and puts an end to it. */
const endedBy = async (
  end: (run: ChildProcess) => void,
  { program = process.execPath, args = RUN }: { readonly program?: string; readonly args?: readonly string[] } = {},
): Promise<{ readonly up: Up; readonly code: number | null; readonly output: string }> => {
  const child = spawn(program, args, { cwd: PROJECT, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const up = await new Promise<Up>((resolve, reject) => {
    const listen = (piece: Buffer): void => {
      output += piece.toString();
      const [, moto, postgres, folder] = /up (\d+) (\d+) (\S+)/.exec(output) ?? [];
      if (folder !== undefined) resolve({ ports: [Number(moto), Number(postgres)], folder });
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("exit", () => reject(new Error(`It ended before its servers were up: ${output}`)));
  });
  expect(await Promise.all(up.ports.map(answers))).toEqual([true, true]);
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  end(child);
  return { up, code: await ended, output };
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

const expectNothingLeft = async ({ ports, folder }: Up): Promise<void> => {
  const limit = Date.now() + LIMIT_MS;
  for (;;) {
    const left = [...(await Promise.all(ports.map(answers))), existsSync(folder)];
    if (left.every((one) => !one)) return;
    if (Date.now() > limit) expect(left).toEqual([false, false, false]);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

test.each([
  ["Ctrl-C", "SIGINT", 130],
  ["an ordinary kill", "SIGTERM", 143],
  ["a closed terminal", "SIGHUP", 129],
  ["a kill that can't be heard", "SIGKILL", null],
] as const)("after %s no server and no folder is left", async (_, signal, code) => {
  const found = await endedBy((run) => run.kill(signal));
  expect(found.code).toBe(code);
  await expectNothingLeft(found.up);
});

test("once nobody reads its output, as after `| head`, it ends without a stack trace", async () => {
  const found = await endedBy((run) => run.stdout?.destroy());
  expect(found.code).toBe(141);
  expect(found.output).not.toMatch(/EPIPE|\n\s+at /);
  await expectNothingLeft(found.up);
});

test("when npm, which started it, is killed, it ends by itself", async () => {
  const command = `npm_lifecycle_event=start ${[process.execPath, ...RUN].map((word) => `'${word}'`).join(" ")}; :`;
  const found = await endedBy((shell) => shell.kill("SIGKILL"), { program: "/bin/sh", args: ["-c", command] });
  await expectNothingLeft(found.up);
});

test("a full disk beside the work ends it in a sentence, and only the folder with the logs is kept", async () => {
  const found = await endedBy(() => undefined, { args: [...RUN, "throw"] });
  expect(found.code).toBe(1);
  expect(found.output).toContain("The run broke off: The disk is full");
  expect(found.output).not.toMatch(/\n\s+at /);
  expect(existsSync(join(found.up.folder, "failure.log"))).toBe(true);
  rmSync(found.up.folder, { recursive: true, force: true });
  await expectNothingLeft(found.up);
});
