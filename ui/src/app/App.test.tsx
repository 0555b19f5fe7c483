import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { call } from "../api/client";
import { App } from "./App";
import { queries } from "./query";

beforeEach(() => {
  // jsdom knows the element, but not how it is shown.
  HTMLDialogElement.prototype.showModal = function show() { this.setAttribute("open", ""); };
  HTMLDialogElement.prototype.close = function close() { this.removeAttribute("open"); };
});
afterEach(() => {
  cleanup();
  queries.clear();
  vi.unstubAllGlobals();
});

test("signing in again happens over the page, which keeps what is in it", async () => {
  let known = true;
  vi.stubGlobal("fetch", async (input: string, init?: RequestInit) => {
    const at = input.replace("/api/v1", "");
    if (at === "/session" && init?.method === "POST") known = true;
    if (at === "/session") return Response.json({ signed_in: known, user: "ann", needs: "password" });
    if (!known) return Response.json({ code: "signed_out" }, { status: 401 });
    if (at === "/flows") return Response.json({ flows: Array.from({ length: 12 }, (_, i) => ({ id: `f${i}`, version: 0, status: {} })) });
    return Response.json({ texts: {} });
  });
  render(<App />);
  const sought = await screen.findByRole("searchbox");
  fireEvent.change(sought, { target: { value: "f1" } });
  known = false;
  await act(() => call("GET", "/flows").catch(() => undefined));
  const password = await screen.findByLabelText("Password");
  expect(sought.isConnected).toBe(true);
  expect(sought.closest("[inert]")).not.toBeNull();
  await userEvent.type(password, "secret{Enter}");
  await waitFor(() => expect(screen.queryByLabelText("Password")).toBeNull());
  expect((screen.getByRole("searchbox") as HTMLInputElement).value).toBe("f1");
  expect(sought.isConnected).toBe(true);
  expect(sought.closest("[inert]")).toBeNull();
});
