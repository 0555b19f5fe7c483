import { createContext, useContext } from "react";
import type { Context } from "./command";

/** CommandContext gives what commands work on, on the page of a flow. */
export const CommandContext = createContext<Context | undefined>(undefined);

/** useCommands returns what commands work on; undefined where no flow is open. */
export const useCommands = (): Context | undefined => useContext(CommandContext);
