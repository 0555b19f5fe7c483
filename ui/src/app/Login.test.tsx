import { cleanup, render, screen } from "@testing-library/react";
import { act } from "react";
import { afterEach, expect, test } from "vitest";
import { speak } from "../words";
import { Login } from "./Login";

afterEach(() => {
  cleanup();
  act(() => speak("en"));
  history.replaceState(null, "", "/");
});

const login = (needs: "link" | "password") => render(<Login session={{ signed_in: false, user: "", needs }} onDone={() => {}} />);

test("a link that was used says so, and how to get a fresh one", () => {
  history.replaceState(null, "", "/?link=used");
  login("link");
  expect(screen.getByRole("alert").textContent).toBe("That link was used already or is too old: a link signs in one browser, once.");
  expect(screen.getByText("weir url")).toBeTruthy();
  expect(screen.getByText(/prints a fresh one/)).toBeTruthy();
  expect(screen.getByText(/--data/)).toBeTruthy();
});

test("it says so in Korean too", () => {
  history.replaceState(null, "", "/?link=used");
  speak("ko");
  login("link");
  expect(screen.getByRole("alert").textContent).toContain("이미 사용했거나 오래된 링크입니다");
});

test("whoever comes without a link is told of none", () => {
  login("link");
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByText("weir url")).toBeTruthy();
});

test("where a password is set, it is asked for beside what became of the link", () => {
  history.replaceState(null, "", "/?link=used");
  login("password");
  expect(screen.getByText(/That link was used already/)).toBeTruthy();
  expect(screen.getByLabelText("Password")).toBeTruthy();
});
