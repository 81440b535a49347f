/** One region pair in full: what a reviewer reads when a deployment is to change. Only asset hashes are replaced. */
import { join } from "node:path";
import { golden } from "../support/golden";
import { synthesizeOnce } from "../support/synthesized";

test.each(["Primary-Frankfurt", "Replica-Frankfurt"])("%s is as reviewed", (stack) => {
  const template = JSON.stringify(synthesizeOnce().templates[stack], null, 1);
  const text = `${template.replace(/\b[0-9a-f]{64}\b/g, "<asset hash>")}\n`;
  expect(text).toBe(golden(join(__dirname, "golden", `${stack}.json`), text));
});
