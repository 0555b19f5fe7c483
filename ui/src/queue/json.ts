// JSON set in lines without reading its numbers: those beyond 2^53 stay as they
// are written.

/** pretty indents a JSON text; undefined where it is none. */
export function pretty(text: string, indent = "  "): string | undefined {
  let out = "";
  let depth = 0;
  const open: string[] = [];
  const token = /\s+|"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gy;
  let last = "";
  let end = 0;
  const line = () => `\n${indent.repeat(depth)}`;
  for (let m = token.exec(text); m !== null; m = token.exec(text)) {
    const t = m[0];
    end = token.lastIndex;
    if (/^\s/.test(t)) continue;
    if (t === "{" || t === "[") {
      out += (last === "{" || last === "[" ? line() : "") + t;
      open.push(t);
      depth++;
    } else if (t === "}" || t === "]") {
      if (open.pop() !== (t === "}" ? "{" : "[")) return undefined;
      depth--;
      out += last === "{" || last === "[" ? t : line() + t;
    } else if (t === ",") {
      out += t + line();
    } else if (t === ":") {
      out += ": ";
    } else {
      if (t[0] !== '"' && !/^(true|false|null|-?\d[\d.eE+-]*)$/.test(t)) return undefined;
      out += last === "{" || last === "[" ? line() + t : t;
    }
    last = t;
  }
  return depth === 0 && out !== "" && end === text.length ? out : undefined;
}
