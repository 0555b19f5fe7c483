/** lastRead is the output that was just read; its button in the list gets the focus back. */
export const lastRead = { item: "" };

/** giveBack is the ref of what holds the button that reads an output. */
export const giveBack = (item: string) => (around: HTMLElement | null): void => {
  if (around === null || lastRead.item !== item) return;
  lastRead.item = "";
  around.querySelector("button")?.focus();
};
