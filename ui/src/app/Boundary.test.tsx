import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { lazy, Suspense } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { speak } from "../words";
import { Boundary } from "./Boundary";

let heard: string[] = [];
beforeEach(() => {
  heard = [];
  // React tells the console of what a boundary caught.
  vi.spyOn(console, "error").mockImplementation((...said: unknown[]) => void heard.push(said.map(String).join(" ")));
});
afterEach(() => {
  cleanup();
  speak("en");
  vi.restoreAllMocks();
});

let breaks = true;
function Part({ name }: { name: string }) {
  if (breaks && name !== "sound") throw new Error(`no ${name} here`);
  return <p>{name} works</p>;
}

test("a part that throws leaves the rest alone, and is made anew on request", () => {
  breaks = true;
  render(<><Boundary what="Drawer"><Part name="drawer" /></Boundary><Boundary what="Canvas"><Part name="sound" /></Boundary></>);
  expect(screen.getByText("sound works")).toBeTruthy();
  const alert = screen.getByRole("alert", { name: "Drawer: this part broke" });
  expect(alert.textContent).toContain("The rest of the page goes on");
  expect(alert.textContent).toContain("Error: no drawer here");
  expect(alert.textContent).toContain("Part");
  expect(heard.join("\n")).toContain("no drawer here");

  // As long as it breaks it stays told; once mended it is there again.
  fireEvent.click(screen.getByRole("button", { name: "Reload this part" }));
  expect(screen.getByRole("alert", { name: "Drawer: this part broke" })).toBeTruthy();
  breaks = false;
  fireEvent.click(screen.getByRole("button", { name: "Reload this part" }));
  expect(screen.getByText("drawer works")).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("another thing in the same part is tried anew by itself", () => {
  breaks = true;
  const { rerender } = render(<Boundary what="Inspector" of="a"><Part name="a" /></Boundary>);
  expect(screen.getByRole("alert")).toBeTruthy();
  rerender(<Boundary what="Inspector" of="sound"><Part name="sound" /></Boundary>);
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByText("sound works")).toBeTruthy();
});

test("details are copied with what broke and where", async () => {
  breaks = true;
  const written: string[] = [];
  vi.stubGlobal("navigator", { userAgent: "tester", clipboard: { writeText: (text: string) => (written.push(text), Promise.resolve()) } });
  render(<Boundary what="Canvas"><Part name="canvas" /></Boundary>);
  fireEvent.click(screen.getByRole("button", { name: "Copy the details" }));
  expect(await screen.findByRole("button", { name: "Copied" })).toBeTruthy();
  expect(written[0]).toMatch(/^Canvas · \/.*\ntester\n\nError: no canvas here\n/);
  vi.unstubAllGlobals();
});

test("the last resort offers the page alone, in the page's language", () => {
  breaks = true;
  speak("ko");
  render(<Boundary whole what="Weir"><Part name="page" /></Boundary>);
  expect(screen.queryByRole("button", { name: "이 부분 다시 불러오기" })).toBeNull();
  expect(screen.getByRole("button", { name: "페이지 새로고침" })).toBeTruthy();
});

test("a part of the program that the server no longer has asks for the page", async () => {
  const Gone = lazy(() => Promise.reject<{ default: () => null }>(new TypeError("Failed to fetch dynamically imported module: /assets/x.js")));
  render(<Boundary what="Drawer"><Suspense fallback={null}><Gone /></Suspense></Boundary>);
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("older than the server");
  expect(screen.queryByRole("button", { name: "Reload this part" })).toBeNull();
});
