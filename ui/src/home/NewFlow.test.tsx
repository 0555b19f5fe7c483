import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { idFault, NewFlow, slugOf } from "./NewFlow";

const show = (taken: string[]) => render(<QueryClientProvider client={new QueryClient()}><NewFlow taken={taken} onDone={() => {}} /></QueryClientProvider>);
const name = () => screen.getByRole("textbox", { name: "Name", hidden: true });
const id = () => screen.getByRole<HTMLInputElement>("textbox", { name: /^ID/, hidden: true });

test("the id follows the name until it is written by hand, and what the server refuses is said at once", () => {
  show(["flow"]);
  fireEvent.change(name(), { target: { value: "Daily Orders" } });
  expect(id().value).toBe("daily-orders");
  fireEvent.change(name(), { target: { value: "일별 주문" } });
  expect(id().value).toBe("flow-2");
  fireEvent.change(id(), { target: { value: "orders" } });
  fireEvent.change(name(), { target: { value: "주문" } });
  expect(id().value).toBe("orders");
  expect(id().getAttribute("aria-invalid")).toBe("false");
  fireEvent.change(id(), { target: { value: "flow" } });
  expect(id().getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByText("There is a flow flow already.")).toBeDefined();
  fireEvent.change(id(), { target: { value: "" } });
  expect(id().value).toBe("flow-2");
});

test("ids are judged as the server does", () => {
  for (const good of ["a", "daily-orders", "a_b-c1", "a".repeat(63)]) expect(idFault(good, []), good).toBeUndefined();
  for (const bad of ["", "1a", "A", "a--b", "a-", "a b", "주문", "a".repeat(64)]) expect(idFault(bad, []), bad).toBeDefined();
  for (const long of ["x".repeat(480), `${"x".repeat(58)} y z`]) expect(idFault(slugOf(long, [slugOf(long, [])]), [])).toBeUndefined();
});
