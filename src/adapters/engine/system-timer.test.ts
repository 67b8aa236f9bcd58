import { timerContract } from "../../engine/ports/timer.contract.ts";
import { systemTimer } from "./system-timer.ts";

timerContract("machine", systemTimer);
