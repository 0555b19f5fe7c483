// A flow of as many nodes as one likes, in chains of ten that each begin at a source.

/** largeFlow makes a continuous flow of n nodes. */
export function largeFlow(n: number): { id: string; [key: string]: unknown } {
  const nodes: Record<string, unknown> = {};
  const connections: Record<string, unknown> = {};
  const layout: Record<string, [number, number]> = {};
  const columns = Math.ceil(Math.sqrt(n) / 10) * 10;
  for (let i = 0; i < n; i++) {
    const first = i % 10 === 0;
    const last = i % 10 === 9 || i === n - 1;
    nodes[`n-${i}`] = first
      ? { kind: "GenerateFlowFile", name: `Source ${i}`, settings: { text: "x" }, every: "2s" }
      : { kind: "UpdateAttribute", name: `단계 ${i}`, settings: { set: { [`a${i % 10}`]: "1" } }, terminate: last ? ["failure", "success"] : ["failure"] };
    if (!first) connections[`c-${i}`] = { from: `n-${i - 1}`, output: "success", to: `n-${i}` };
    layout[`n-${i}`] = [(i % columns) * 296, Math.floor(i / columns) * 148];
  }
  return { weir: 1, id: `large-${n}`, name: `Large ${n}`, mode: "continuous", nodes, connections, layout };
}
