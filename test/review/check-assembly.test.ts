/** Templates that are not those of the reviewed stage are named as what they are. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadStage } from "../../lib/config/load-configuration";
import { checkAssembly } from "../../lib/review/check-assembly";
import { stacksOfAssembly, type FoundStack } from "../../lib/review/read-assembly";

const standing = loadStage("default");
const stage = { ...standing, rows: standing.rows.filter(({ name }) => name === "Osaka") };
const stack = (id: string, stackName: string, of = "default"): FoundStack => ({
  id,
  stackName,
  region: "ap-northeast-3",
  terminationProtection: true,
  template: { Description: `Nightly backups of Osaka (${of})`, Resources: {} } as never,
});
const PRIMARY = stack("Primary-Osaka", "backups-ap-northeast-3-primary");
const REPLICA = stack("Replica-Osaka", "backups-ap-northeast-3-replica");
const MAKE = "make them with: npm run synth -- -c stage=default";

test("the stage's own pass", () => {
  expect(() => checkAssembly("cdk.out", [REPLICA, PRIMARY], stage)).not.toThrow();
});

test.each<[string, readonly FoundStack[], string]>([
  ["none", [], "cdk.out holds no stack"],
  [
    "another stage's",
    [stack("Primary-Osaka", "shop-ap-northeast-3-primary", "production")],
    "The templates in cdk.out are those of stage production, and stage default is reviewed",
  ],
  [
    "a recovery",
    [stack("Recovery-Osaka", "x")],
    "cdk.out holds Recovery-Osaka, which recovers a lost region, and not the stage default",
  ],
  [
    "a part",
    [PRIMARY],
    "The templates in cdk.out are of another configuration of stage default, or not all there: Replica-Osaka is missing",
  ],
  [
    "more regions",
    [PRIMARY, REPLICA, stack("Primary-Tokyo", "backups-ap-northeast-1-primary")],
    "The templates in cdk.out are of another configuration of stage default: Primary-Tokyo (backups-ap-northeast-1-primary) is not in it",
  ],
  [
    "another prefix",
    [{ ...PRIMARY, stackName: "shop-ap-northeast-3-primary" }, REPLICA],
    "The templates in cdk.out are of another configuration of stage default: Primary-Osaka (shop-ap-northeast-3-primary) is not in it",
  ],
])("%s", (_what, found, says) => {
  expect(() => checkAssembly("cdk.out", found, stage)).toThrow(`${says}; ${MAKE}`);
});

test("a manifest that is missing, cut off or another's", () => {
  const folder = mkdtempSync(join(tmpdir(), "assembly-"));
  const manifest = join(folder, "manifest.json");
  expect(() => stacksOfAssembly(folder)).toThrow(`There is no ${manifest}; run npm run synth`);
  for (const [text, says] of [
    ['{ "artifacts": {', "can't be read as JSON"],
    ["{}", "is not one that cdk synth wrote"],
    ["null", "is not one that cdk synth wrote"],
    [
      '{ "artifacts": { "A": { "type": "aws:cloudformation:stack", "properties": { "templateFile": "no.json" } } } }',
      "can't be read as JSON",
    ],
  ] as const) {
    writeFileSync(manifest, text);
    expect(() => stacksOfAssembly(folder)).toThrow(says);
  }
  rmSync(folder, { recursive: true });
});
