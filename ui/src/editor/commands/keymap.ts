// From key presses to chords: "Mod+Shift+Z", or two in a row, "Alt+A L". Mod is
// Ctrl, and Cmd on a Mac.

/** isMac tells the platform by what the browser says of it. */
export const isMac = (): boolean => typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform || navigator.userAgent);

/** Press is what of a keyboard event counts. */
export interface Press {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

const alone = new Set(["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock", "Process", "Dead", "Unidentified"]);

/** keyName names the key itself: the letter it bears, whatever script or modifier is on. */
export function keyName(p: Pick<Press, "key" | "code" | "altKey">): string {
  if (p.key === " " || p.code === "Space") return "Space";
  const letter = /^(?:Key([A-Z])|Digit(\d))$/.exec(p.code);
  // With Alt, and in other scripts such as Hangul, the key's place tells the letter.
  if (letter !== null && (p.altKey || !/^[\x20-\x7e]$/.test(p.key))) return (letter[1] ?? letter[2]) as string;
  return p.key.length === 1 ? p.key.toUpperCase() : p.key;
}

/** chordOf names a press, undefined for one of a modifier alone. */
export function chordOf(p: Press, mac = isMac()): string | undefined {
  const name = keyName(p);
  if (alone.has(name)) return undefined;
  const mod = mac ? p.metaKey : p.ctrlKey;
  const other = mac ? p.ctrlKey : p.metaKey;
  // Signs such as "?" need Shift on some keyboards and not on others.
  const sign = /^[^A-Z0-9]$/.test(name);
  return `${mod ? "Mod+" : ""}${other ? "Other+" : ""}${p.altKey ? "Alt+" : ""}${p.shiftKey && !sign ? "Shift+" : ""}${name}`;
}

/** Keyed is anything that keys lead to. */
export interface Keyed {
  id: string;
  keys: readonly string[];
}

/** ordered puts modifiers in the order that chordOf gives them. */
const ordered = (keys: string): string =>
  keys.split(" ").map((chord) => {
    const parts = chord === "+" ? ["+"] : chord.split("+");
    const name = parts.pop() as string;
    return ["Mod", "Other", "Alt", "Shift"].filter((m) => parts.includes(m)).concat(name).join("+");
  }).join(" ");

/** conflicts lists keys that two commands want, or that begin another's chord. */
export function conflicts(list: readonly Keyed[]): string[] {
  const all = list.flatMap((c) => c.keys.map((k) => ({ id: c.id, keys: ordered(k) })));
  return all.flatMap((a, i) => all.slice(i + 1).filter((b) => b.keys === a.keys || b.keys.startsWith(`${a.keys} `) || a.keys.startsWith(`${b.keys} `)).map((b) => `${a.id} and ${b.id} by ${a.keys}`));
}

/** Keymap finds what keys lead to, the first press of a chord remembered for a while. */
export class Keymap<C extends Keyed> {
  private first = "";
  private at = 0;
  private readonly full = new Map<string, C>();
  private readonly begun = new Set<string>();

  constructor(list: readonly C[], private readonly patience = 1500) {
    for (const c of list) {
      for (const keys of c.keys.map(ordered)) {
        this.full.set(keys, c);
        const cut = keys.indexOf(" ");
        if (cut > 0) this.begun.add(keys.slice(0, cut));
      }
    }
  }

  /** press returns the command, "begun" for the first half of a chord, undefined for neither. */
  press(p: Press, now: number, mac = isMac()): C | "begun" | undefined {
    const chord = chordOf(p, mac);
    if (chord === undefined) return undefined;
    const first = now - this.at < this.patience ? this.first : "";
    this.first = "";
    if (first !== "") {
      // The second press counts with the modifiers of the first still held, too.
      const bare = chord.slice(chord.lastIndexOf("+", chord.length - 2) + 1);
      const found = this.full.get(`${first} ${chord}`) ?? this.full.get(`${first} ${bare}`);
      if (found !== undefined) return found;
    }
    if (this.begun.has(chord)) {
      this.first = chord;
      this.at = now;
      return "begun";
    }
    return this.full.get(chord);
  }
}

const macSigns: Record<string, string> = { Mod: "⌘", Alt: "⌥", Shift: "⇧", Other: "⌃" };
const signs: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Delete: "Del", Escape: "Esc" };

/** keysText writes keys as people read them. */
export const keysText = (keys: string, mac = isMac()): string =>
  keys.split(" ").map((chord) => {
    const parts = chord === "+" ? ["+"] : chord.split("+");
    return parts.map((p) => signs[p] ?? (mac ? macSigns[p] : p === "Mod" ? "Ctrl" : p) ?? p).join(mac ? "" : "+");
  }).join(" ");
