import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import { Prose } from "./Prose";

test.each([
  ["The columns; `weir flow infer` finds them.", ["weir flow infer"], "The columns; weir flow infer finds them."],
  ["`a` and `b`", ["a", "b"], "a and b"],
  ["Nothing", [], "Nothing"],
])("%s", (text, codes, whole) => {
  const { container } = render(<Prose text={text} />);
  expect([...container.querySelectorAll("code")].map((c) => c.textContent)).toEqual(codes);
  expect(container.textContent).toBe(whole);
});

test("a backtick without a partner is printed", () => {
  const { container } = render(<Prose text="one `two` three ` four" />);
  expect([...container.querySelectorAll("code")].map((c) => c.textContent)).toEqual(["two"]);
  expect(container.textContent).toBe("one two three ` four");
});
