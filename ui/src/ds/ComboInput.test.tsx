import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { ComboInput } from "./ComboInput";

afterEach(cleanup);

function Field() {
  const [value, setValue] = useState("");
  return <><ComboInput aria-label="text" value={value} onCommit={setValue} complete={() => undefined} lines={value.length > 5} /><button>next</button></>;
}

test("a text that grows long keeps the focus where it is handed over, and gets its lines once left", async () => {
  render(<Field />);
  const box = screen.getByRole("combobox", { name: "text" });
  await userEvent.type(box, "1234567{Enter}");
  expect(document.activeElement).toBe(box);
  await userEvent.tab();
  expect(screen.getByRole("combobox", { name: "text" }).tagName).toBe("TEXTAREA");
});
