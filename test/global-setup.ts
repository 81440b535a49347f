/** Before the tests: the programs they need are found, or installed where that is allowed, as for `npm start`. */
import { delimiter, dirname, join } from "node:path";
import { findPrograms } from "../local/setup/programs";
import { installTestPrograms } from "./support/test-programs";

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const globalSetup = async (): Promise<void> => {
  const programs = await findPrograms({
    privateFolder: join(__dirname, "..", ".local"),
    say,
  });
  await installTestPrograms({ say });
  process.env["PATH"] = [dirname(programs.moto), process.env["PATH"] ?? ""].join(delimiter);
  // The SDK's notice about old versions of Node.js is for those who deploy.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
};

export default globalSetup;
