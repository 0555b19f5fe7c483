/** pickFile asks for a JSON file and gives its text. */
export function pickFile(take: (text: string) => void): void {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".json,application/json";
  input.addEventListener("change", async () => {
    const text = await input.files?.[0]?.text();
    if (text !== undefined) take(text);
  });
  input.click();
}
