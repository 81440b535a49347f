import { compareKeys, inRange, isWellFormed } from "../../lambda/pack/key-order";
import { seeded } from "./support";

test("keys compare as their UTF-8 bytes do", () => {
  const next = seeded(11);
  const alphabet = ["a", "b", "é", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}", "\u{1f600}", "\0", "~"];
  const key = (): string =>
    Array.from({ length: Math.floor(next() * 5) }, () => alphabet[Math.floor(next() * alphabet.length)]).join("");
  let differing = 0;
  for (let round = 0; round < 50_000; round++) {
    const [a, b] = [key(), key()];
    const wanted = Buffer.compare(Buffer.from(a), Buffer.from(b));
    expect(Math.sign(compareKeys(a, b))).toBe(wanted);
    if (Math.sign(wanted) !== (a < b ? -1 : a > b ? 1 : 0)) differing++;
  }
  expect(differing).toBeGreaterThan(100); // the plain comparison would have failed
});

test("ranges are half-open, null is no bound", () => {
  expect(inRange("b", { from: "b", to: "c" })).toBe(true);
  expect(inRange("c", { from: "b", to: "c" })).toBe(false);
  expect(inRange("a", { from: null, to: "b" })).toBe(true);
  expect(inRange("\u{10ffff}", { from: "\ue000", to: null })).toBe(true);
});

test("a lone surrogate is no text", () => {
  expect(isWellFormed("\u{1f600}")).toBe(true);
  expect(isWellFormed("a\ud83d")).toBe(false);
});
