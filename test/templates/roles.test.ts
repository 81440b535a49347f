/** Role → action → resource, sorted: what a reviewer reads when a permission changes. */
import { join } from "node:path";
import { golden } from "../support/golden";
import { synthesizeOnce } from "../support/synthesized";
import { rolesOf } from "./policies";
import { must } from "../support/must";

test("the roles of Frankfurt may do exactly this", () => {
  const roles = rolesOf(must(synthesizeOnce().templates["Primary-Frankfurt"]));
  const lines = roles.flatMap(({ name, statements }) =>
    statements.flatMap(({ effect, actions, resources, conditions }) =>
      actions.flatMap((action) =>
        resources.map(
          (resource) =>
            `${name}  ${effect === "Allow" ? "" : `${effect} `}${action}  ${resource}${conditions === undefined ? "" : `  if ${JSON.stringify(conditions)}`}`,
        ),
      ),
    ),
  );
  const text = `${[...new Set(lines)].toSorted().join("\n")}\n`;
  expect(text).toBe(golden(join(__dirname, "golden", "roles.txt"), text));
});
