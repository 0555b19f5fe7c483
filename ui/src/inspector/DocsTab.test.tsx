import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { KindInfo } from "../api/kinds";
import { speak } from "../words";
import { DocsTab } from "./DocsTab";

afterEach(() => {
  cleanup();
  speak("en");
});

test("types of properties are told in the language of the page", () => {
  const kind = { type: "Tell", doc: "말합니다.", properties: [
    { key: "every", type: "duration", doc: "간격", required: true }, { key: "set", type: "expression_map", doc: "값" },
  ] } as unknown as KindInfo;
  speak("ko");
  render(<DocsTab kind={kind} />);
  const terms = screen.getAllByRole("term").map((el) => el.textContent);
  expect(terms).toEqual(["every 시간 길이 · 필수", "set 이름과 식"]);
});
