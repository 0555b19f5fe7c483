import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { CommitInput } from "./TextInput";

afterEach(cleanup);

test("a name that is typed is handed over once, also when its row goes with the old name", () => {
  const given: string[] = [];
  function Row() {
    const [name, setName] = useState("parameter");
    return (
      <CommitInput key={name} aria-label="Name" value={name} onCommit={(next) => {
        given.push(next);
        setName(next);
      }} />
    );
  }
  render(<Row />);
  const input = () => screen.getByRole<HTMLInputElement>("textbox", { name: "Name" });
  fireEvent.change(input(), { target: { value: "dataset" } });
  fireEvent.keyDown(input(), { key: "Enter" });
  expect(input().value).toBe("dataset");
  expect(given).toEqual(["dataset"]);
});

test("what was given up may be typed and handed over again", () => {
  const given: string[] = [];
  render(<CommitInput aria-label="Name" value="a" onCommit={(next) => given.push(next)} />);
  const input = screen.getByRole("textbox", { name: "Name" });
  for (let i = 0; i < 2; i++) {
    fireEvent.change(input, { target: { value: "b" } });
    fireEvent.keyDown(input, { key: "Enter" });
    fireEvent.blur(input);
  }
  expect(given).toEqual(["b", "b"]);
});
