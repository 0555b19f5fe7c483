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

test("a closed list opens by a click, and shows all", async () => {
  const all = ["string", "int64", "bool"];
  const complete = (text: string, _: number, asked: boolean) => ({ from: 0, to: text.length, offers: all.filter((value) => asked || value.includes(text)).map((value) => ({ value })) });
  let put = "";
  render(<ComboInput aria-label="type" value="string" onCommit={(v) => { put = v; }} complete={complete} closed />);
  await userEvent.click(screen.getByRole("combobox", { name: "type" }));
  expect(screen.getAllByRole("option").map((o) => o.textContent)).toEqual(all);
  await userEvent.pointer({ keys: "[MouseLeft]", target: screen.getByRole("option", { name: "int64" }) });
  await userEvent.keyboard("{Enter}");
  expect(put).toBe("int64");
});

test("what is typed narrows a closed list that a click opened", async () => {
  const all = ["string", "int64", "bool"];
  const complete = (text: string, _: number, asked: boolean) => ({ from: 0, to: text.length, offers: all.filter((value) => asked || value.includes(text)).map((value) => ({ value })) });
  render(<ComboInput aria-label="type" value="" onCommit={() => undefined} complete={complete} closed />);
  const box = screen.getByRole("combobox", { name: "type" });
  await userEvent.click(box);
  await userEvent.type(box, "boo");
  expect(screen.getAllByRole("option").map((o) => o.textContent)).toEqual(["bool"]);
});
