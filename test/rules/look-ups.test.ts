/** Names and modes that look-ups go by. */
import { registration } from "../../lambda/catalog/registration";
import {
  appNameOf,
  appUrlOf,
  inMode,
  isProduction,
  isWebAddress,
  type LookedUp,
  modeOf,
  objectionToMode,
} from "../../lambda/rules/look-ups";
import { validationSentences } from "../../lambda/registration/validation-sentences";

const of = (environmentId: string, change: Partial<LookedUp> = {}): LookedUp => ({
  environmentId,
  appId: "shop",
  ...change,
});

test.each([
  [of("shop-production"), "Production", true],
  [of("shop-acceptance"), "Acceptance", false],
  [of("shop-test"), "Test", false],
  [of("shop-Production"), "shop-Production", false],
  [of("eu-production"), "eu-production", false],
  [of("shop-accp"), "shop-accp", false],
  [of("production"), "production", true],
  [of("anything", { mode: "PRODUCTION" }), "PRODUCTION", true],
  [of("shop-production", { mode: "Blue" }), "Blue", false],
])("the mode of %j is %s", (environment, mode, production) => {
  expect([modeOf(environment), isProduction(environment)]).toEqual([mode, production]);
});

test("an environment is found by its id, else by its mode in any case", () => {
  const all = [of("shop-production"), of("one", { mode: "Load Test" }), of("two")].map((one) => ({
    registration: one,
  }));
  const found = (mode: string) => inMode(all, mode).map((one) => one.registration.environmentId);
  expect(found("production")).toEqual(["shop-production"]);
  expect(found("shop-production")).toEqual(["shop-production"]);
  expect(found("LOAD TEST")).toEqual(["one"]);
  expect(found("TWO")).toEqual(["two"]);
  expect(found("Acceptance")).toEqual([]);
});

test.each([
  [
    "another's mode",
    of("one", { mode: "Blue" }),
    of("two", { mode: "blue" }),
    /the mode "blue" is that of environment one/,
  ],
  [
    "a mode that another has by its id",
    of("shop-production"),
    of("two", { mode: "production" }),
    /of environment shop-production/,
  ],
  [
    "another's id as mode",
    of("one", { mode: "Blue" }),
    of("two", { mode: "ONE" }),
    /"mode" says "ONE", which is the id/,
  ],
  [
    "an id that is another's mode",
    of("one", { mode: "two" }),
    of("two", { mode: "Green" }),
    /its id is the mode of environment one/,
  ],
  [
    "an id that gives another's mode",
    of("one", { mode: "Test" }),
    of("shop-test"),
    /the mode "Test" is that of environment one/,
  ],
])("refuses %s", (_, standing, wanted, sentence) => {
  expect(objectionToMode(wanted, [standing])).toMatch(sentence);
  // Another app's are no matter, nor is what the environment itself had.
  expect(objectionToMode(wanted, [{ ...standing, appId: "bank" }, wanted])).toBeUndefined();
});

test("an app is called as its production environment says, else as the first that says it", () => {
  const production = of("z", { mode: "Production", appName: "Shop", url: "https://shop.example" });
  const other = of("a", { appName: "Old shop", url: "https://a.example" });
  expect([appNameOf([other, production], "shop"), appUrlOf([other, production])]).toEqual([
    "Shop",
    "https://shop.example",
  ]);
  expect(appNameOf([other, of("shop-production")], "shop")).toBe("Old shop");
  expect([appNameOf([of("b")], "shop"), appUrlOf([of("b")])]).toEqual(["shop", undefined]);
});

const FILE = {
  environmentId: "shop-test",
  appId: "shop",
  region: "eu-central-1",
  database: { host: "database.example", name: "shop", secret: "s" },
  network: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
  files: { bucket: "shop-test-files" },
};
const complaint = (change: object): readonly string[] => {
  const given = { ...FILE, ...change };
  const parsed = registration.safeParse(given);
  return parsed.success ? [] : validationSentences(parsed.error, given);
};

test("what a registration may say", () => {
  const all = { appName: "Größe 😀", mode: "Load Test 2", url: "https://shop.example/p?q=1", runtimeVersion: "10.6.1" };
  expect(complaint(all)).toEqual([]);
  expect(registration.parse({ ...FILE, ...all })).toMatchObject(all);
});

test.each([
  ["appName", "", /one line of text/],
  ["appName", "a\nb", /one line of text/],
  ["appName", "a\ud800", /one line of text/],
  ["appName", "\u0000", /one line of text/],
  ["appName", " ", /one line of text/],
  ["appName", "x".repeat(201), /at most 200/],
  ["appName", null, /must be a string/],
  ["mode", "", /1 to 64 letters/],
  ["mode", "a/b", /1 to 64 letters/],
  ["mode", "..", /1 to 64 letters/],
  ["mode", "Test ", /1 to 64 letters/],
  ["mode", "x".repeat(65), /1 to 64 letters/],
  ["url", "shop.example", /begins with https/],
  ["url", "javascript:alert(1)", /begins with https/],
  ["url", "https://user:secret@shop.example", /without a user name/],
  ["url", "https://", /begins with https/],
  ["url", "https://shop.example/a b", /begins with https/],
  ["url", `https://shop.example/${"x".repeat(600)}`, /at most 512/],
  ["runtimeVersion", "1\t2", /one line of text/],
  ["runtimeVersion", "9".repeat(65), /at most 64/],
  ["runtimeVersion", 10, /must be a string/],
])("refuses %s %j in one sentence", (field, value, sentence) => {
  const complaints = complaint({ [field]: value });
  expect(complaints).toHaveLength(1);
  expect(complaints[0]).toMatch(new RegExp(`^"${field}"`));
  expect(complaints[0]).toMatch(sentence);
});

test.each(["https://shop.example", "http://127.0.0.1:8080/", "https://xn--bcher-kva.example/ü"])(
  "%s is an address",
  (text) => {
    expect(isWebAddress(text)).toBe(true);
  },
);
