/** Links: eight hours from the archive's finishing, one object, never stored as they are. */
import { createLink, followLink } from "../../lambda/archive/links";
import type { Presigner } from "../../lambda/runtime/collaborators";
import { fakeCollaborators, TRANSFER_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { ask, begin, buildAll, item, seal } from "./archive-fixture";

const asked: unknown[] = [];
const presigner: Presigner = {
  getUrl: async (ref, options) => {
    asked.push({ ...ref, ...options });
    return { url: `https://storage.example/${asked.length}`, expiresAt: new Date(0) };
  },
  partUrl: async () => "never",
};

let c: FakeCollaborators & { presigner: Presigner };
beforeEach(async () => {
  asked.length = 0;
  c = Object.assign(fakeCollaborators(), { presigner });
  c.clock.set("2026-12-05T10:00:00Z");
  await seal(c, { files: new Map() });
  await ask(c);
});
const finish = async (): Promise<void> => {
  await begin(c);
  await buildAll(c);
};

test("a link leads to a fresh URL of the archive's object, until its eighth hour has passed", async () => {
  await finish();
  c.clock.set("2026-12-05T12:00:00Z");
  const { token, expiresAt } = await createLink(c, await item(c), "operator@example.com");
  expect(token).toMatch(/^archive-1\.[A-Za-z0-9_-]{43}$/);
  expect(expiresAt).toBe("2026-12-05T18:00:00Z");
  expect(await followLink(c, token)).toBe("https://storage.example/1");
  expect(await followLink(c, token)).toBe("https://storage.example/2");
  const { key, fileName } = await item(c);
  expect(asked[0]).toEqual({ bucket: TRANSFER_BUCKET, key, fileName, seconds: 900, method: "GET" });
  c.clock.set("2026-12-05T17:59:59Z");
  expect(await followLink(c, token)).toBe("https://storage.example/3");
  expect(asked[2]).toMatchObject({ seconds: 1 });
  c.clock.set("2026-12-05T17:59:59.999Z");
  expect(await followLink(c, token)).toBe("https://storage.example/4");
  expect(asked[3]).toMatchObject({ seconds: 1 });
  c.clock.set("2026-12-05T18:00:00Z");
  expect(await followLink(c, token)).toBeUndefined();
  await expect(createLink(c, await item(c), "operator@example.com")).rejects.toMatchObject({ code: "ArchiveExpired" });
});

test("whoever asks with HEAD is led to a URL for HEAD", async () => {
  await finish();
  const { token } = await createLink(c, await item(c), "operator@example.com");
  await followLink(c, token, "HEAD");
  expect(asked).toEqual([expect.objectContaining({ method: "HEAD" })]);
});

test("the token itself is nowhere in the catalog", async () => {
  await finish();
  const { token } = await createLink(c, await item(c), "operator@example.com");
  const stored = JSON.stringify(c.table.all());
  expect(stored).toContain("operator@example.com");
  expect(stored).not.toContain(token.slice(token.indexOf(".") + 1));
});

test.each(["", "archive-1", "archive-1.", "archive-1.x", ".x", "archive-2.abc", "archive-1.a.b", "../x.y"])(
  "the token %j leads nowhere",
  async (token) => {
    await finish();
    await createLink(c, await item(c), "operator@example.com");
    expect(await followLink(c, token)).toBeUndefined();
  },
);

test("another archive's token leads nowhere", async () => {
  await finish();
  const { token } = await createLink(c, await item(c), "operator@example.com");
  expect(await followLink(c, token.replace("archive-1", "archive-2"))).toBeUndefined();
  expect(await followLink(c, `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`)).toBeUndefined();
});

test("an archive that is not completed has no link", async () => {
  await expect(createLink(c, await item(c), "operator@example.com")).rejects.toMatchObject({
    code: "ArchiveNotCompleted",
    message: "Archive archive-1 is queued: a link can be made once it is completed.",
  });
});

describe("Rule 3, I4: with its snapshot a link ends", () => {
  const linked = async (): Promise<{ token: string; environmentId: string; snapshotId: string }> => {
    await finish();
    const { token } = await createLink(c, await item(c), "operator@example.com");
    return { token, ...(await item(c)) };
  };
  test("at the snapshot's expiry second, and no URL outlives it", async () => {
    const { token, environmentId, snapshotId } = await linked();
    await c.catalog.updateSnapshot(environmentId, snapshotId, { expiresAt: "2026-12-05T11:00:00Z" });
    c.clock.set("2026-12-05T10:59:30Z");
    expect(await followLink(c, token)).toBeDefined();
    expect(asked).toEqual([expect.objectContaining({ seconds: 30 })]);
    c.clock.set("2026-12-05T11:00:00Z");
    expect(await followLink(c, token)).toBeUndefined();
  });
  test("when a user's delete has begun, and after it", async () => {
    const { token, environmentId, snapshotId } = await linked();
    await c.catalog.updateSnapshot(environmentId, snapshotId, { deleting: true });
    expect(await followLink(c, token)).toBeUndefined();
    await c.catalog.deleteSnapshot(environmentId, snapshotId);
    expect(await followLink(c, token)).toBeUndefined();
  });
});
