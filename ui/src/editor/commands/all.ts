import { arrangeCommands } from "./arrange";
import type { Command } from "./command";
import { editCommands } from "./edit";
import { runCommands } from "./run";

/** commands are all verbs of the canvas, in the order in which lists show them. */
export const commands: readonly Command[] = [...editCommands, ...arrangeCommands, ...runCommands];

const byId = new Map(commands.map((c) => [c.id, c]));

/** commandOf returns a command by its id. */
export function commandOf(id: string): Command {
  const c = byId.get(id);
  if (c === undefined) throw new Error(`there is no command ${id}`);
  return c;
}
