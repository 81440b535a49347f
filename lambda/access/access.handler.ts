/** The access function, called by the command line with the caller's own IAM identity. */
import { z } from "zod";
import { createHandler } from "../runtime/create-handler";
import { handleRequest } from "./handle-request";

/** Parsed by the request's own code, which answers with sentences instead of an error. */
export const handler = createHandler(z.unknown(), handleRequest);
