import { z } from "zod";
import { ServiceFailure } from "../../lambda/runtime/collaborators";
import { createCollaborators, type LastingCollaborators } from "../../lambda/runtime/create-collaborators";
import { createHandler } from "../../lambda/runtime/create-handler";
import { fakeCollaborators, testSettings } from "../support/collaborators";

const context = (remaining: number) => ({ functionName: "f", getRemainingTimeInMillis: () => remaining });
const lasting = (): LastingCollaborators => ({
  ...fakeCollaborators(),
  secrets: { databaseCredentials: () => Promise.reject(new Error("none")) },
});
const input = z.object({ id: z.string(), count: z.number().default(1) });

describe("createHandler", () => {
  test("parses the input, creates collaborators once, gives each invocation its own time", async () => {
    let created = 0;
    const handler = createHandler(
      input,
      async ({ id, count }, { remainingMs }) => ({ id, count, left: remainingMs() }),
      () => {
        created += 1;
        return lasting();
      },
    );
    expect(await handler({ id: "a" }, context(1000))).toEqual({ id: "a", count: 1, left: 1000 });
    expect(await handler({ id: "b", count: 2 }, context(500))).toEqual({ id: "b", count: 2, left: 500 });
    expect(created).toBe(1);
  });
  test("an input it does not know is a failure that no retry helps, before anything is created", async () => {
    const handler = createHandler(
      input,
      async () => "never",
      () => {
        throw new Error("created");
      },
    );
    await expect(handler({ count: "x" }, context(1))).rejects.toMatchObject({
      name: "InvalidInput",
      retryable: false,
      message: expect.stringMatching(/id: .*count: /) as string,
    });
    await expect(handler(null, context(1))).rejects.toMatchObject({ name: "InvalidInput" });
  });
  test("a service failure reaches Step Functions under its code", async () => {
    const handler = createHandler(
      input,
      async () => {
        throw new ServiceFailure("DatabaseUnreachable", "The database does not answer.", true);
      },
      lasting,
    );
    await expect(handler({ id: "a" }, context(1))).rejects.toMatchObject({ name: "DatabaseUnreachable" });
  });
});

describe("createCollaborators", () => {
  test("reads the settings once and says which one is missing", () => {
    const { CATALOG_TABLE: _left, ...rest } = testSettings;
    expect(() => createCollaborators("f", rest)).toThrow(/CATALOG_TABLE/);
    const made = createCollaborators("f", { ...testSettings });
    expect(made.settings).toEqual(testSettings);
    expect(made.random(16)).toHaveLength(16);
    expect(Math.abs(made.clock.now().getTime() - Date.now())).toBeLessThan(60_000);
  });
});
