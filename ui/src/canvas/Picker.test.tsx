import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { speak } from "../words";
import type { Deeds } from "./deeds";
import { Picker } from "./Picker";

afterEach(cleanup);

test("Tab goes round in the question for outputs, and never to what lies behind", async () => {
  speak("en");
  const user = userEvent.setup();
  const outputs = ["success", "failure"].map((name) => ({ name, label: name }));
  const picking = { from: "a", to: "b", outputs, inputs: [], chosen: ["success"], input: "", at: { x: 0, y: 0 } } as unknown as Parameters<typeof Picker>[0]["picking"];
  render(<><button>before</button><Picker picking={picking} deeds={{} as Deeds} room={{ w: 800, h: 600 }} nameOf={(id) => id} onClose={vi.fn()} /><button>after</button></>);
  const box = screen.getByRole("dialog");
  const first = screen.getByRole("checkbox", { name: "success" });
  expect(document.activeElement).toBe(first);
  await user.tab({ shift: true });
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Connect" }));
  await user.tab();
  expect(document.activeElement).toBe(first);
  for (let i = 0; i < 9; i++) {
    await user.tab();
    expect(box.contains(document.activeElement)).toBe(true);
  }
});
