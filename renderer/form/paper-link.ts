/** The address of the arXiv paper that a reference names, if it names one. */
export function paperLink(reference: string): string | undefined {
  const id = /arXiv[: ](\d{4}\.\d{4,5})/i.exec(reference)?.[1];
  return id && `https://arxiv.org/abs/${id}`;
}
