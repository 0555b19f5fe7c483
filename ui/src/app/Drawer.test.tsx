import { cleanup, fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { trial } from "../form/testing/trial";
import { Drawer } from "./Drawer";

afterEach(() => {
  cleanup();
  window.history.replaceState(null, "", "/");
});

test("the drawer's tabs are one stop of Tab, and the arrow keys go round them", async () => {
  window.history.replaceState(null, "", "/flows/f?drawer=problems");
  trial({ weir: 1, id: "f", mode: "runs", nodes: {} }, <Drawer flow="f" />);
  const tabs = screen.getAllByRole("tab");
  expect(tabs.filter((t) => t.tabIndex === 0)).toEqual([screen.getByRole("tab", { name: "Problems", selected: true })]);
  expect(screen.getByRole("tabpanel", { name: "Problems" }).id).toBe(screen.getByRole("tab", { selected: true }).getAttribute("aria-controls"));
  screen.getByRole("tab", { selected: true }).focus();
  await userEvent.keyboard("{ArrowRight}{ArrowLeft}");
  expect(document.activeElement).toBe(screen.getByRole("tab", { name: "Problems", selected: true }));
});

test("the height is told in full, and its arrow keys move nothing else", async () => {
  window.history.replaceState(null, "", "/flows/f?drawer=problems");
  trial({ weir: 1, id: "f", mode: "runs", nodes: {} }, <Drawer flow="f" />);
  const grip = screen.getByRole("separator");
  const now = () => Number(grip.getAttribute("aria-valuenow"));
  const before = now();
  grip.focus();
  // Handled, so that nothing scrolls by it.
  expect(fireEvent.keyDown(grip, { key: "ArrowUp" })).toBe(false);
  expect(now()).toBe(before + 24);
  await userEvent.keyboard("{End}");
  expect(now()).toBe(Number(grip.getAttribute("aria-valuemax")));
});
