/** readDefault reads a parameter's default as typed: numbers and truth as JSON has them, the rest, and what is none, as text. */
export function readDefault(type: string, typed: string): unknown {
  if (typed === "") return undefined;
  const plain = typed.normalize("NFKC").trim();
  if (type === "int" && /^[+-]?\d+$/.test(plain) && Number.isSafeInteger(Number(plain))) return Number(plain);
  if (type === "float" && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return Number(plain);
  if (type === "bool" && (plain === "true" || plain === "false")) return plain === "true";
  return type === "string" ? typed : plain;
}
