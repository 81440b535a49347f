/** The deletion function: a user's explicit wish. Its role is the only one that may bypass governance. */
import { createHandler } from "../runtime/create-handler";
import { deletionInput } from "./contract";
import { deleteSnapshot } from "./delete-snapshot";

export const handler = createHandler(deletionInput, deleteSnapshot);
