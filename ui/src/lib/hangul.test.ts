import { expect, test } from "vitest";
import { hasWord, initialOf } from "./hangul";

test("syllables have initial consonants, other characters are their own", () => {
  expect([..."플로 큐 CSV 까힣가"].map(initialOf).join("")).toBe("ㅍㄹ ㅋ CSV ㄲㅎㄱ");
});

test("a word begins with syllables, consonants or both", () => {
  expect(hasWord("모든 레코드를 씁니다", "ㄹㅋㄷ")).toBe(true);
  expect(hasWord("모든 레코드를 씁니다", "레ㅋ")).toBe(true);
  expect(hasWord("모든 레코드를 씁니다", "ㅋㄷ")).toBe(false);
  expect(hasWord("write csv", "cs")).toBe(true);
  expect(hasWord("write csv", "sv")).toBe(false);
  expect(hasWord("감시", "ㄳ")).toBe(true);
  expect(hasWord("레", "레코드")).toBe(false);
});
