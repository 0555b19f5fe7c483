// Fields that are filled from what the data holds.
import { Board } from "./canvas";
import { api, expect, test } from "./weir";

test("a collection is chosen among those there are, and its columns are inferred from its documents", async ({ home, weir }) => {
  const doc = {
    weir: 1, id: "from-the-data", mode: "runs",
    services: { gcp: { kind: "GoogleCloud", settings: { endpoint: "sandbox", project: "calback-demo" } } },
    nodes: { users: { kind: "ReadFirestore", settings: { service: "gcp" } } }, connections: {}, layout: { users: [0, 0] },
  };
  await api(home, "POST", "/flows", { doc, draft: true });
  await home.goto(`${weir.origin}/flows/from-the-data?open=users`);
  const board = new Board(home);
  const collection = board.field("Collection");
  await collection.press("Control+ ");
  const offers = board.inspector.getByRole("listbox");
  await expect(offers.getByRole("option", { name: "meetingCollection" })).toBeVisible();
  await offers.getByRole("option", { name: "userCollection" }).click();
  await collection.press("Enter");
  await expect(collection).toHaveValue("userCollection");

  await expect(board.inspector.getByText("No columns")).toBeVisible();
  await board.inspector.getByRole("button", { name: "Infer from the data" }).click();
  await expect(board.inspector.getByText(/^\d+ columns found\./)).toBeVisible();
  await expect(board.inspector.getByRole("textbox", { name: /^Name of column/ }).first()).toBeVisible();
  const names = board.inspector.getByRole("textbox", { name: /^Name of column/ });
  const found: Record<string, string> = {};
  for (let i = 0; i < await names.count(); i++) {
    found[await names.nth(i).inputValue()] = await board.inspector.getByRole("combobox", { name: `Type of column ${i + 1}`, exact: true }).inputValue();
  }
  expect(found).toMatchObject({ uid: "string", marketingConsent: "bool", createdAt: "timestamp" });
  await board.saved();
  const { doc: kept } = await api<{ doc: { nodes: { users: { settings: { collection: string; schema: unknown[] } } } } }>(home, "GET", "/flows/from-the-data/draft");
  expect(kept.nodes.users.settings.collection).toBe("userCollection");
  expect(kept.nodes.users.settings.schema).toHaveLength(Object.keys(found).length);
});

test("what cannot be looked up says why, and the field stays free", async ({ home, weir }) => {
  const doc = {
    weir: 1, id: "elsewhere", mode: "runs", services: { gcp: { kind: "GoogleCloud", settings: { endpoint: "sandbox", project: "no-such-project" } } },
    nodes: { users: { kind: "ReadFirestore", settings: { service: "gcp" } } }, connections: {}, layout: { users: [0, 0] },
  };
  await api(home, "POST", "/flows", { doc, draft: true });
  await home.goto(`${weir.origin}/flows/elsewhere?open=users`);
  const board = new Board(home);
  await board.field("Collection").press("Control+ ");
  await expect(board.inspector.getByText(/^No suggestions: .*no-such-project/)).toBeVisible();
  await board.fill("Collection", "people");
  await expect(board.field("Collection")).toHaveValue("people");
});
