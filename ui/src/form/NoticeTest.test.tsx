import { act, cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { NoticeTest } from "./NoticeTest";
import { trial } from "./testing/trial";

afterEach(cleanup);

test("a test message goes to whom the published flow tells; a refusal is told", async () => {
  const tr = trial({ weir: 1, id: "f", mode: "runs", nodes: {} }, <NoticeTest />);
  const button = screen.getByRole("button", { name: "Send a test" });
  expect(button).toHaveProperty("disabled", true);
  act(() => tr.editor.store.setState({ version: 3 }));
  await userEvent.click(button);
  expect((await screen.findByRole("alert")).textContent).toBe("not_found");
  tr.answers["POST /flows/f/notify"] = { sent: ["slack-hook"] };
  await userEvent.click(button);
  await screen.findByText("Sent to slack-hook, as the published version says.");
  expect(screen.queryByRole("alert")).toBeNull();
});
