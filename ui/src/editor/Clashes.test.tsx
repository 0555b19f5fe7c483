import { act, cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { speak } from "../words";
import { Clashes } from "./Clashes";
import { EditorContext } from "./context";
import { Notices } from "./Notices";
import { openEditor } from "./store";
import { sample } from "./testing/flow";
import { TestServer } from "./testing/server";

beforeEach(() => speak("en"));
afterEach(cleanup);

async function clash() {
  const server = new TestServer(sample());
  const ann = openEditor(server.draft(), server.save("ann"), "ann");
  const bob = openEditor(server.draft(), server.save("bob"), "bob");
  render(<EditorContext value={bob}><Clashes /><Notices /></EditorContext>);
  ann.change("tools.stepRename", [{ path: ["nodes", "csv", "name"], value: "Ann's" }]);
  await ann.idle();
  await act(async () => {
    bob.change("tools.stepRename", [{ path: ["nodes", "csv", "name"], value: "Bob's" }]);
    await bob.idle();
  });
  return { server, bob };
}

test("a change that met another's shows both, and taking mine sends it", async () => {
  const { server, bob } = await clash();
  expect(screen.getByRole("region", { name: "Changes that met" }).textContent).toContain("nodes.csv.name");
  expect(screen.getByText("Ann's")).toBeTruthy();
  expect(screen.getByRole("alert").textContent).toContain("rename");
  await userEvent.setup().click(screen.getByRole("button", { name: "Take mine" }));
  await act(() => bob.idle());
  expect(server.doc.nodes["csv"]?.name).toBe("Bob's");
  expect(screen.queryByRole("region")).toBeNull();
});

test("keeping theirs leaves it; notices speak the language of the page", async () => {
  speak("ko");
  const { server } = await clash();
  expect(screen.getByRole("alert").textContent).toContain("이름 바꾸기");
  await userEvent.setup().click(screen.getByRole("button", { name: "상대 변경 유지" }));
  expect(server.doc.nodes["csv"]?.name).toBe("Ann's");
});
