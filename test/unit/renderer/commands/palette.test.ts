import { describe, expect, it } from 'vitest';
import { fuzzyMatch } from '../../../../renderer/commands/fuzzy.ts';
import { searchPalette, type PaletteItem } from '../../../../renderer/commands/palette.ts';

const item = (group: PaletteItem['group'], title: string, more: Partial<PaletteItem> = {}): PaletteItem => ({
  id: `${group}:${title}`,
  group,
  title,
  run: () => {},
  ...more,
});

const items = [
  item('Commands', 'New run', { keys: 'c' }),
  item('Commands', 'Go to runs'),
  item('Commands', 'Go to settings'),
  item('Commands', 'Switch between light and dark'),
  item('Runs', 'rigl lenet', { detail: 'rigl · mnist', keywords: 'running 01JD3' }),
  item('Runs', 'baseline', { detail: 'random-mask · mnist' }),
  item('Settings', 'Appearance', { keywords: 'settings theme light dark' }),
];
const titles = (query: string, recent: string[] = []) =>
  searchPalette(items, query, recent).flatMap(({ rows }) => rows.map(({ item: { title } }) => title));

describe('fuzzyMatch', () => {
  it('finds parts of the text, and prefers its beginning, then beginnings of words', () => {
    const start = fuzzyMatch(['go'], 'go to runs')!;
    const word = fuzzyMatch(['runs'], 'go to runs')!;
    const inside = fuzzyMatch(['uns'], 'go to runs')!;
    expect(start.score).toBeGreaterThan(word.score);
    expect(word.score).toBeGreaterThan(inside.score);
    expect(word.marks).toEqual([6, 7, 8, 9]);
  });

  it('finds the beginnings of words', () => {
    expect(fuzzyMatch(['gtr'], 'go to runs')!.marks).toEqual([0, 3, 6]);
    expect(fuzzyMatch(['goru'], 'go to runs')!.marks).toEqual([0, 1, 6, 7]);
  });

  it('does not find letters scattered inside words', () => {
    expect(fuzzyMatch(['rn'], 'bregman')).toBeUndefined();
    expect(fuzzyMatch(['gts'], 'go to runs')).toBeUndefined();
  });

  it('wants every word, in any order', () => {
    expect(fuzzyMatch(['runs', 'go'], 'go to runs')).toBeDefined();
    expect(fuzzyMatch(['runs', 'stop'], 'go to runs')).toBeUndefined();
  });

  it('is quick even where everything looks the same', () => {
    const begin = performance.now();
    expect(fuzzyMatch(['aaaaaaaaaaaaaaaab'], 'a '.repeat(60))).toBeUndefined();
    expect(performance.now() - begin).toBeLessThan(200);
  });
});

describe('searchPalette', () => {
  it('lists the best match first', () => {
    expect(titles('runs')[0]).toBe('Go to runs');
    expect(titles('settings')[0]).toBe('Go to settings');
    expect(titles('base')[0]).toBe('baseline');
  });

  it('finds by detail and keyword, below titles', () => {
    expect(titles('theme')).toEqual(['Appearance']);
    expect(titles('random mnist')).toEqual(['baseline']);
    expect(titles('dark')[0]).toBe('Switch between light and dark');
    expect(titles('01jd3')).toEqual(['rigl lenet']);
  });

  it('marks only what stands in the title', () => {
    const [section] = searchPalette(items, 'random', []);
    expect(section.rows[0].marks).toEqual([]);
  });

  it('without a query begins with what was used last', () => {
    const sections = searchPalette(items, ' ', ['Runs:baseline', 'Runs:gone']);
    expect(sections[0]).toMatchObject({ title: 'Recent', rows: [{ item: { title: 'baseline' } }] });
    expect(
      sections
        .slice(1)
        .flatMap(({ rows }) => rows)
        .map((row) => row.item.title),
    ).not.toContain('baseline');
  });

  it('puts what was used last first among equals only', () => {
    expect(titles('go to', ['Commands:Go to settings'])[0]).toBe('Go to settings');
    expect(titles('new', ['Settings:Appearance'])[0]).toBe('New run');
  });

  it('says nothing for what is nowhere', () => expect(searchPalette(items, 'zzz', [])).toEqual([]));
});
