/** One process of one function: takes an invocation at a time, and is thrown away after a crash or a timeout. */
import { fork, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { keepTrack } from "../servers/child-processes";
import type { Invocation, Outcome } from "./function-bootstrap";

export interface FunctionProcessOptions {
  readonly bootstrap: string;
  /** The asset's folder. */
  readonly code: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly memoryMiB: number;
  readonly logFile: string;
}

/** Named as Step Functions names it. */
export class FunctionFailure extends Error {
  constructor(
    errorType: string,
    readonly detail: { readonly errorType: string; readonly errorMessage: string; readonly trace?: readonly string[] },
  ) {
    super(JSON.stringify(detail));
    this.name = errorType;
  }
}

export class FunctionProcess {
  private readonly child: ChildProcess;
  private ended = false;

  constructor(options: FunctionProcessOptions) {
    this.child = keepTrack(
      fork(options.bootstrap, [], {
        cwd: options.code,
        env: { PATH: process.env["PATH"], NODE_NO_WARNINGS: "1", ...options.variables },
        // What the heap may take in Lambda: the memory less what Node.js itself needs.
        execArgv: [`--max-old-space-size=${Math.max(64, Math.floor(options.memoryMiB * 0.9))}`],
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      }),
    );
    const log = createWriteStream(options.logFile, { flags: "a" });
    this.child.stdout?.pipe(log);
    this.child.stderr?.pipe(log);
    for (const end of ["exit", "error"])
      this.child.once(end, () => {
        this.ended = true;
      });
  }

  get usable(): boolean {
    return !this.ended;
  }

  async invoke(invocation: Invocation, timeoutMs: number): Promise<unknown> {
    const outcome = await new Promise<Outcome>((resolve) => {
      const failed = (errorType: string, errorMessage: string): void => {
        this.child.kill("SIGKILL");
        finish({ ok: false, error: { errorType, errorMessage, trace: [] } });
      };
      const onExit = (code: number | null, signal: string | null): void =>
        failed(
          "Runtime.ExitError",
          `RequestId: ${invocation.requestId} Error: Runtime exited with error: ${signal ?? `exit status ${code}`}`,
        );
      // Node.js says "spawn … ENOENT" too where the folder to start in is gone.
      const onError = (error: Error): void =>
        failed("Runtime.ExitError", `The function did not start: ${error.message}`);
      const onMessage = (message: unknown): void => finish(message as Outcome);
      const timer = setTimeout(
        () =>
          failed(
            "Sandbox.Timedout",
            `RequestId: ${invocation.requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`,
          ),
        timeoutMs,
      );
      const finish = (result: Outcome): void => {
        clearTimeout(timer);
        this.child.off("message", onMessage);
        this.child.off("exit", onExit);
        this.child.off("error", onError);
        resolve(result);
      };
      this.child.once("message", onMessage);
      this.child.once("exit", onExit);
      this.child.once("error", onError);
      this.child.send(invocation);
    });
    if (outcome.ok) return JSON.parse(outcome.payload);
    throw new FunctionFailure(outcome.error.errorType, outcome.error);
  }

  end(): void {
    this.child.kill("SIGKILL");
  }
}
