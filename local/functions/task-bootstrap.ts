/** Loaded into the database task's process before its program, for the simulated time. A task sees no jump. */
import { setClockOffset } from "./simulated-date";

setClockOffset(Number(process.env["LOCAL_CLOCK_OFFSET_MS"] ?? "0"));
delete process.env["LOCAL_CLOCK_OFFSET_MS"];
