import { act, render, screen, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { speak } from "../words";
import { type Access, AccessList } from "./AccessList";

afterEach(() => act(() => speak("en")));

const access: Access = {
  touches: [
    { group: "role", value: "roles/bigquery.jobUser", on: "project p", by: ["load"], why: { en: "starts the load job", ko: "적재 작업을 시작합니다" } },
    { group: "write_file", value: "raw/users/**", by: ["csv", "csv-2"] },
  ],
};

test("what a flow may touch is told by sort, files first, with who does and why", () => {
  render(<AccessList access={access} />);
  expect(screen.getAllByRole("term").map((e) => e.textContent)).toEqual(["Writes files, below the files directory", "Needs these roles"]);
  const [files, role] = screen.getAllByRole("definition");
  expect(within(files!).getByText("csv, csv-2")).toBeTruthy();
  expect(role?.textContent).toBe("roles/bigquery.jobUser (project p)load · starts the load job");
  act(() => speak("ko"));
  expect(role?.textContent).toContain("적재 작업을 시작합니다");
});

test("a flow that touches nothing says so", () => {
  render(<AccessList access={{ touches: [] }} />);
  expect(screen.getByText("It touches nothing outside Weir.")).toBeTruthy();
});
