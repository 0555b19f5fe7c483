import { act, fireEvent, render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { useSteady } from "./steady";

function Shown({ value }: { value: string }) {
  return <output>{useSteady(value)}</output>;
}

const rest = () => act(() => new Promise((done) => setTimeout(done)));

test("what changes while the pointer is down is shown once it is up and the click is over", async () => {
  const { rerender } = render(<Shown value="not set" />);
  const shown = () => screen.getByRole("status").textContent;
  rerender(<Shown value="bad" />);
  expect(shown()).toBe("bad");
  fireEvent.pointerDown(document.body);
  fireEvent.blur(document.body);
  rerender(<Shown value="well" />);
  await rest();
  expect(shown()).toBe("bad");
  fireEvent.pointerUp(document.body);
  expect(shown(), "the click that follows finds the page as it was").toBe("bad");
  await rest();
  expect(shown()).toBe("well");
  rerender(<Shown value="bad again" />);
  expect(shown()).toBe("bad again");
});
