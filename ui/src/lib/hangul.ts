// Korean letters: finding words by their initial consonants.

const initials = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
const first = 0xac00;
const last = 0xd7a3;

/** initialOf returns the initial consonant of a Korean syllable; other characters stay. */
export function initialOf(c: string): string {
  const code = c.charCodeAt(0);
  return code < first || code > last ? c : (initials[Math.floor((code - first) / 588)] as string);
}

// Keyboards put two consonants typed in a row into one letter where Korean has it.
const joined: Record<string, string> = { ㄳ: "ㄱㅅ", ㄵ: "ㄴㅈ", ㄶ: "ㄴㅎ", ㄺ: "ㄹㄱ", ㄻ: "ㄹㅁ", ㄼ: "ㄹㅂ", ㄽ: "ㄹㅅ", ㄾ: "ㄹㅌ", ㄿ: "ㄹㅍ", ㅀ: "ㄹㅎ", ㅄ: "ㅂㅅ" };

/** hasWord reports whether a word of a text begins so; a consonant asked for stands for each syllable that begins with it. */
export function hasWord(text: string, asked: string): boolean {
  if (text.startsWith(asked)) return true;
  const letters = [...asked].flatMap((c) => [...(joined[c] ?? c)]);
  return text.split(/[\s.,:;()]+/).some((word) => {
    const there = [...word];
    return letters.length <= there.length && letters.every((c, i) => c === there[i] || c === initialOf(there[i] as string));
  });
}
