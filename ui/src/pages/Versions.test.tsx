import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { trial } from "../form/testing/trial";
import { t } from "../words";
import { Versions } from "./Versions";

afterEach(cleanup);

const none = () => t("pages.noVersions");

function Later() {
  const [open, setOpen] = useState(false);
  return open ? <Versions flow="f" /> : <button onClick={() => setOpen(true)}>open</button>;
}

test("versions that cannot be listed are not called none, and are asked for again", async () => {
  const tr = trial({ weir: 1, id: "f", mode: "runs", nodes: {} }, <Later />);
  await userEvent.click(screen.getByRole("button", { name: "open" }));
  const again = await screen.findByRole("button", { name: "Try again" });
  expect(screen.queryByText(none())).toBeNull();
  tr.answers["GET /flows/f/versions"] = { versions: [] };
  await userEvent.click(again);
  await screen.findByText(none());
  expect(screen.queryByRole("alert")).toBeNull();
});
