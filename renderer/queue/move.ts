/** The list with the item at `from` moved to `to`; positions outside it are its ends. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const rest = items.filter((_, i) => i !== from);
  return from in items
    ? [...rest.slice(0, Math.max(0, to)), items[from], ...rest.slice(Math.max(0, to))]
    : rest;
}
