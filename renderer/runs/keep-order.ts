/**
 * Takes rows in and out of a list without moving the others, so that nothing jumps under the cursor: what is still
 * wanted keeps its place, what is new comes right after its predecessor in the wanted order.
 */
export function keepOrder(shown: readonly string[], wanted: readonly string[]): string[] {
  const isWanted = new Set(wanted);
  const kept = shown.filter((id) => isWanted.has(id));
  if (kept.length === wanted.length) return kept;
  const isKept = new Set(kept);
  const first: string[] = [];
  const after = new Map<string, string[]>();
  let predecessor: string | undefined;
  for (const id of wanted) {
    if (isKept.has(id)) predecessor = id;
    else if (predecessor === undefined) first.push(id);
    else after.set(predecessor, [...(after.get(predecessor) ?? []), id]);
  }
  return [...first, ...kept.flatMap((id) => [id, ...(after.get(id) ?? [])])];
}
