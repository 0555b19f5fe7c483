import { Board, textOf } from "./canvas";
import { api, expect, test } from "./weir";

test("a flow exported, deleted, imported and exported again is the same bytes, without secrets", async ({ home, weir }) => {
  await api(home, "PUT", "/secrets/gcp-key", { value: "very-private-value" });
  await home.goto(`${weir.origin}/flows/calback-daily`);
  const board = new Board(home);
  await expect(board.canvas).toBeVisible();
  const first = await board.exported();
  expect(JSON.parse(first)).toMatchObject({ id: "calback-daily" });
  expect(first).not.toContain("very-private-value");

  await board.menu("Delete");
  await home.getByRole("dialog").getByRole("button", { name: /^Delete/ }).click();
  await expect(home).toHaveURL(`${weir.origin}/`);
  await expect(home.getByRole("row", { name: /calback-daily/ })).toHaveCount(0);

  // Chosen at home: what it does is shown before it is taken in.
  const [chooser] = await Promise.all([home.waitForEvent("filechooser"), home.getByRole("button", { name: "Import" }).first().click()]);
  await chooser.setFiles({ name: "calback-daily.json", mimeType: "application/json", buffer: Buffer.from(first) });
  const ask = home.getByRole("dialog", { name: /Import the flow calback-daily/ });
  await expect(ask.getByText(/nothing runs until/)).toBeVisible();
  await ask.getByRole("button", { name: "Import", exact: true }).click();
  await expect(board.canvas).toBeVisible();
  await expect(home.getByText("Not published")).toBeVisible();
  expect(await board.exported()).toBe(first);
});

test("a file dropped on the canvas shows what it would change, and changes it only then", async ({ home, weir }) => {
  await home.goto(`${weir.origin}/flows/calback-daily`);
  const board = new Board(home);
  await expect(board.canvas).toBeVisible();
  const was = await board.exported();
  const other = JSON.parse(was) as { nodes: Record<string, { name?: string }> };
  (other.nodes["csv"] as { name?: string }).name = "결과 파일";
  const drop = await home.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "flow.json", { type: "application/json" }));
    return data;
  }, JSON.stringify(other));
  await board.canvas.dispatchEvent("dragover", { dataTransfer: drop });
  await expect(board.canvas.getByText("Drop a flow file to import it")).toBeVisible();
  await board.canvas.dispatchEvent("drop", { dataTransfer: drop });
  const ask = home.getByRole("dialog", { name: /Import over the draft of calback-daily/ });
  await expect(ask.getByText("결과 파일")).toBeVisible();
  await ask.getByRole("button", { name: "Cancel" }).click();
  expect(await board.exported()).toBe(was);

  await board.canvas.dispatchEvent("drop", { dataTransfer: drop });
  await ask.getByRole("button", { name: "Import", exact: true }).click();
  await expect(board.card("결과 파일")).toBeVisible();
  const [file] = await Promise.all([home.waitForEvent("download"), board.menu("Export as JSON")]);
  expect(JSON.parse(await textOf(file))).toEqual(other);
});
