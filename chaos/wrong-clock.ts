// Loaded before everything else by a worker whose clock is to be wrong.
import { setWrong } from "./clock.ts";

setWrong();
