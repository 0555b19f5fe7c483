import { useRef } from "react";

/** useFresh gives the focus to the last row once it was added: add is called before, row is each row's ref, with whether it is the last. */
export function useFresh(): { add: () => void; row: (last: boolean) => (el: HTMLElement | null) => void } {
  const wanted = useRef(false);
  return {
    add: () => {
      wanted.current = true;
    },
    row: (last) => (el) => {
      if (el === null || !last || !wanted.current) return;
      wanted.current = false;
      el.querySelector("input")?.focus();
    },
  };
}
