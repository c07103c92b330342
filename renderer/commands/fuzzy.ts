/** How well a text fits what was typed, and which of its characters to mark. */
export interface Match {
  score: number;
  /** Indices into the text. */
  marks: number[];
}

const isWordStart = (text: string, at: number): boolean => at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]);

/** The words of what was typed. */
export const searchWords = (query: string): string[] => query.toLowerCase().split(/\s+/).filter(Boolean);

/**
 * Every typed word must be in the text, in any order: as a part of it, or as the beginnings of several of its words
 * (`gtr`, `goru` for "Go to runs").
 * @param words lower case
 * @param text lower case
 * @param initials whether beginnings of words count; in long texts they would be found everywhere
 */
export function fuzzyMatch(words: readonly string[], text: string, initials = true): Match | undefined {
  let score = 0;
  const marks: number[] = [];
  for (const word of words) {
    const match = matchPart(word, text) ?? (initials ? matchInitials(word, text) : undefined);
    if (!match) return undefined;
    score += match.score;
    marks.push(...match.marks);
  }
  // Of texts that fit equally well the short one says nothing else.
  return { score: score - text.length / 1000, marks };
}

function matchPart(word: string, text: string): Match | undefined {
  let best: number | undefined;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    best ??= at;
    if (isWordStart(text, at)) {
      best = at;
      break;
    }
  }
  if (best === undefined) return undefined;
  const score = best === 0 ? 3 : isWordStart(text, best) ? 2 : 1;
  return { score, marks: Array.from(word, (_, i) => best + i) };
}

/** Each character follows the one before it, or begins a later word. */
function matchInitials(word: string, text: string): Match | undefined {
  if (!text.includes(word[0])) return undefined;
  // What led nowhere is not tried again, or a text of many equal letters would take forever.
  const failed = new Set<number>();
  const search = (typed: number, from: number): number[] | undefined => {
    if (typed === word.length) return [];
    const place = typed * (text.length + 1) + from;
    if (failed.has(place)) return undefined;
    for (let at = text.indexOf(word[typed], from); at >= 0; at = text.indexOf(word[typed], at + 1)) {
      if (!isWordStart(text, at) && (typed === 0 || at !== from)) continue;
      const rest = search(typed + 1, at + 1);
      if (rest) return [at, ...rest];
    }
    failed.add(place);
    return undefined;
  };
  const marks = search(0, 0);
  return marks && { score: 0.5, marks };
}
