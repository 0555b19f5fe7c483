import { act, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lasts, type Note, Toasts } from "./Toast";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function Kept({ first }: { first: readonly Note[] }) {
  const [notes, setNotes] = useState(first);
  return <Toasts notes={notes} onClose={(id) => setNotes((was) => was.filter((n) => n.id !== id))} />;
}

const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms));

test("a plain note ends by itself, also below a failure, which stays until it is closed", () => {
  render(<Kept first={[{ id: 1, text: "Copied" }, { id: 2, text: "Refused", tone: "red" }]} />);
  pass(lasts - 1);
  expect(screen.getByText("Copied")).toBeDefined();
  pass(1);
  expect(screen.queryByText("Copied")).toBeNull();
  pass(10 * lasts);
  fireEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(screen.queryByText("Refused")).toBeNull();
});

test("a note that is pointed at or has the focus waits", () => {
  render(<Kept first={[{ id: 1, text: "Copied" }]} />);
  fireEvent.pointerEnter(screen.getByText("Copied").parentElement as Element);
  pass(10 * lasts);
  fireEvent.pointerLeave(screen.getByText("Copied").parentElement as Element);
  fireEvent.focus(screen.getByRole("button", { name: "Close" }));
  pass(10 * lasts);
  fireEvent.blur(screen.getByRole("button", { name: "Close" }));
  pass(lasts);
  expect(screen.queryByText("Copied")).toBeNull();
});
