/** What S3 keeps beside the bytes: given with a put or an upload, it comes back with get and head, letter for letter. */
import { PLAIN_CONTENT_TYPE, type ObjectAttributes } from "../../../lambda/storage/object-attributes";
import { ATTRIBUTES, DIFFICULT, someAttributes } from "../../support/some-attributes";
import { bytes, pattern, readAll, type ContractContext } from "./support";

const SEEDS = [1, 2, 3, 4, 5, 6];

export const attributesContract = (on: ContractContext): void => {
  const cases: [string, ObjectAttributes][] = [
    ...Object.entries(ATTRIBUTES),
    ...SEEDS.map((seed): [string, ObjectAttributes] => [`mixture ${seed}`, someAttributes(seed)]),
  ];
  const found = async (key: string): Promise<ObjectAttributes> => {
    const { store, bucket } = on;
    const content = await store.get({ bucket, key });
    await readAll(content);
    const tags = content.tagCount === undefined ? {} : { tags: await store.tags({ bucket, key }) };
    expect(content.tagCount).toBe("tags" in tags ? Object.keys(tags.tags).length : undefined);
    expect((await store.head({ bucket, key })).attributes).toEqual(content.attributes);
    return { ...content.attributes, ...tags };
  };
  const lowered = ({ metadata, ...rest }: ObjectAttributes): ObjectAttributes =>
    metadata === undefined
      ? rest
      : {
          ...rest,
          metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value])),
        };

  test.each(cases)("attributes come back: %s", async (key, given) => {
    const { store, bucket } = on;
    const attributes = lowered({ contentType: PLAIN_CONTENT_TYPE, ...given });
    await store.put({ bucket, key, body: bytes("x"), attributes });
    expect(await found(key)).toEqual(attributes);
  });

  test.each(cases)("attributes of an upload in parts come back: %s", async (key, given) => {
    const { store, bucket } = on;
    const attributes = lowered({ contentType: PLAIN_CONTENT_TYPE, ...given });
    const uploadId = await store.createMultipart({ bucket, key, attributes });
    const part = await store.uploadPart({ bucket, key }, uploadId, 1, pattern(100));
    await store.completeMultipart({ bucket, key }, uploadId, [part], {});
    expect(await found(key)).toEqual(attributes);
  });

  test.each(Object.entries(DIFFICULT))("what was read and is put again reads the same: %s", async (key, given) => {
    const { store, bucket, under } = on;
    if (!under.keepsDifficultAttributes) return;
    await store.put({ bucket, key, body: bytes("x"), attributes: given });
    const first = await found(key);
    await store.put({ bucket, key: `${key} again`, body: bytes("x"), attributes: first });
    expect(await found(`${key} again`)).toEqual(first);
    expect(Object.keys(first.metadata ?? {}).toSorted()).toEqual(Object.keys(given.metadata ?? {}).toSorted());
  });

  test("a plain object has nothing but a content type", async () => {
    const { store, bucket } = on;
    await store.put({ bucket, key: "plain", body: bytes("x") });
    const { attributes, tagCount } = await store.head({ bucket, key: "plain" });
    expect(Object.keys(attributes ?? {})).toEqual(["contentType"]);
    expect(tagCount).toBeUndefined();
    expect(await store.tags({ bucket, key: "plain" })).toEqual({});
  });

  test("a copy has its source's attributes, unless it is given others", async () => {
    const { store, bucket } = on;
    const attributes = { contentType: "text/css", metadata: { a: "b" }, tags: { c: "d" } };
    const { versionId = "" } = await store.put({ bucket, key: "source", body: bytes("x"), attributes });
    await store.copy({ bucket, key: "source", versionId }, { bucket, key: "same" });
    expect(await found("same")).toEqual(attributes);
    const others = { contentType: "text/html", contentLanguage: "nl", tags: { e: "f" } };
    await store.copy({ bucket, key: "source", versionId }, { bucket, key: "other", attributes: others });
    expect(await found("other")).toEqual(others);
  });
};
