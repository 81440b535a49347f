/** Role → action → resource, sorted: what a reviewer reads when a permission changes. */
import { join } from "node:path";
import { golden } from "../support/golden";
import { synthesizeOnce } from "../support/synthesized";
import { roleLines } from "./policies";
import { must } from "../support/must";

test("the roles of Frankfurt may do exactly this", () => {
  const text = roleLines(must(synthesizeOnce().templates["Primary-Frankfurt"]));
  expect(text).toBe(golden(join(__dirname, "golden", "roles.txt"), text));
});
