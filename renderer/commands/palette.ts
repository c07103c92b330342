import type { Component } from 'vue';
import type { RunState } from '../../shared/run-state.ts';
import { fuzzyMatch, searchWords } from './fuzzy.ts';

/** Something the palette can do or open. */
export interface PaletteItem {
  /** Stable, so that it can be remembered as recent: `command:go.runs`, `run:01J…`. */
  id: string;
  group: 'Commands' | 'Runs' | 'Settings';
  title: string;
  /** Quieter, at the right of the title; searched too. */
  detail?: string;
  /** Searched but not shown. */
  keywords?: string;
  keys?: string;
  icon?: Component;
  state?: RunState;
  run(): unknown;
}

export interface PaletteSection {
  title: string;
  rows: { item: PaletteItem; marks: number[] }[];
}

/** More than fits on a screen nobody reads: typing on is faster. */
const perGroup = 12;
/** Without a query the newest runs are enough. */
const runsAtFirst = 5;
/** What is used often comes first among equals, never before a clearly better match. */
const recentBonus = 0.4;

/**
 * What the palette lists for a query: best first in every group, the group with the best match on top.
 * @param recent ids of items, newest first
 */
export function searchPalette(
  items: readonly PaletteItem[],
  query: string,
  recent: readonly string[],
): PaletteSection[] {
  const words = searchWords(query);
  return words.length === 0 ? atFirst(items, recent) : search(items, words, recent);
}

function atFirst(items: readonly PaletteItem[], recent: readonly string[]): PaletteSection[] {
  const rows = (some: readonly PaletteItem[]) => some.map((item) => ({ item, marks: [] }));
  const known = new Map(items.map((item) => [item.id, item]));
  const again = recent.flatMap((id) => known.get(id) ?? []);
  const others = items.filter((item) => !recent.includes(item.id));
  const group = (name: PaletteItem['group'], limit = Infinity) => ({
    title: name,
    rows: rows(others.filter((item) => item.group === name).slice(0, limit)),
  });
  return [
    { title: 'Recent', rows: rows(again) },
    group('Commands'),
    group('Runs', runsAtFirst),
    group('Settings'),
  ].filter((section) => section.rows.length > 0);
}

const lowerCased = new WeakMap<PaletteItem, { title: string; all: string }>();

/** The texts of an item as they are compared, made once: there may be thousands of runs. */
function lowerCase(item: PaletteItem): { title: string; all: string } {
  let texts = lowerCased.get(item);
  if (!texts) {
    const title = item.title.toLowerCase();
    texts = { title, all: `${title} ${item.detail ?? ''} ${item.keywords ?? ''}`.toLowerCase() };
    lowerCased.set(item, texts);
  }
  return texts;
}

function search(
  items: readonly PaletteItem[],
  words: readonly string[],
  recent: readonly string[],
): PaletteSection[] {
  const groups = new Map<string, { item: PaletteItem; marks: number[]; score: number }[]>();
  for (const item of items) {
    const { title, all } = lowerCase(item);
    const inTitle = fuzzyMatch(words, title);
    // Marks beyond the title fall into what is searched but not marked.
    const match = inTitle ?? fuzzyMatch(words, all, false);
    if (!match) continue;
    const score = (inTitle ? match.score : match.score / 2) + (recent.includes(item.id) ? recentBonus : 0);
    const marks = match.marks.filter((at) => at < title.length);
    const group = groups.get(item.group) ?? [];
    group.push({ item, marks, score });
    groups.set(item.group, group);
  }
  return [...groups]
    .map(([title, rows]) => ({ title, rows: rows.sort((a, b) => b.score - a.score).slice(0, perGroup) }))
    .sort((a, b) => b.rows[0].score - a.rows[0].score);
}
