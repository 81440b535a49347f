/** Keep's function: locks a snapshot's objects until a later date, then promises it. */
import { createHandler } from "../runtime/create-handler";
import { keepInput } from "./contract";
import { keepSnapshot } from "./keep-snapshot";

export const handler = createHandler(keepInput, keepSnapshot);
