import { Turns } from "../../local/functions/turns";

test("so many work at once, all get their turn in order, and failures give their place back", async () => {
  const turns = new Turns(3);
  let working = 0;
  let most = 0;
  const begun: number[] = [];
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      turns.take(async () => {
        begun.push(index);
        most = Math.max(most, ++working);
        await new Promise((resolve) => setImmediate(resolve));
        working -= 1;
        if (index % 2 === 1) throw new Error("odd");
        return index;
      }),
    ),
  );
  expect(most).toBe(3);
  expect(begun).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
});
