/** Loads before anything else: asks for what the first view shows, while the rest of the page is still on its way. */
import { startEarly } from "./api/early";

startEarly();
