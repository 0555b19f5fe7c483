import { act, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { speak } from "../words";
import { ChangeList } from "./ChangeList";

afterEach(() => act(() => speak("en")));

test("changes are said in the language of the pages, at once when it changes", () => {
  render(<ChangeList changes={[{ kind: "changed", part: "node", name: "csv", key: "delimiter", path: "nodes.csv", texts: { en: "node csv: delimiter , -> ;", ko: "노드 csv: delimiter , -> ;" } }]} />);
  expect(screen.getByRole("listitem").textContent).toBe("changednode csv: delimiter , -> ;");
  act(() => speak("ko"));
  expect(screen.getByRole("listitem").textContent).toBe("변경노드 csv: delimiter , -> ;");
});
