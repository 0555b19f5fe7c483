/** clientId names this tab, so that it knows its own edits when they come back. */
export function clientId(): string {
  const kept = sessionStorage.getItem("weir.client");
  if (kept !== null) return kept;
  const id = Array.from(crypto.getRandomValues(new Uint8Array(9)), (b) => b.toString(36).padStart(2, "0")).join("");
  sessionStorage.setItem("weir.client", id);
  return id;
}
