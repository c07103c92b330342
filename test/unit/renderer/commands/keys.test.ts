import { describe, expect, it } from 'vitest';
import { commands } from '../../../../shared/commands.ts';
import { createKeyMatcher, sequenceMs, type KeyPress } from '../../../../renderer/commands/keys.ts';
import { keyCaps, keyText } from '../../../../renderer/ui/keys.ts';

const press = (key: string, modifiers: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...modifiers,
});

const shortcuts = commands.flatMap(({ id, keys }) => (keys ? [[keys, id] as const] : []));
const started = () => createKeyMatcher(shortcuts, false);

describe('a single key', () => {
  it.each([
    ['c', {}, 'run.new'],
    ['C', { shiftKey: true }, 'run.clone'],
    ['S', { shiftKey: true }, 'run.stop'],
    ['s', {}, 'run.star'],
    ['?', { shiftKey: true }, 'help.shortcuts'],
    ['?', {}, 'help.shortcuts'],
    ['/', {}, 'view.filter'],
    ['k', { ctrlKey: true }, 'view.palette'],
    ['K', { ctrlKey: true }, 'view.palette'],
    ['z', { ctrlKey: true }, 'edit.undo'],
  ])('%s with %j is %s', (key, modifiers, id) => expect(started()(press(key, modifiers), 0)).toEqual({ id }));

  it.each([
    ['c', { ctrlKey: true }],
    ['c', { altKey: true }],
    ['c', { metaKey: true }],
    ['k', {}],
    ['z', { ctrlKey: true, shiftKey: true }],
    ['x', {}],
    ['Shift', { shiftKey: true }],
  ])('%s with %j is nothing', (key, modifiers) =>
    expect(started()(press(key, modifiers), 0)).toBeUndefined(),
  );

  it('Mod is Command on a Mac and Control elsewhere', () => {
    const mac = createKeyMatcher(shortcuts, true);
    expect(mac(press('k', { metaKey: true }), 0)).toEqual({ id: 'view.palette' });
    expect(mac(press('k', { ctrlKey: true }), 0)).toBeUndefined();
  });
});

describe('a sequence', () => {
  it('runs on its second key', () => {
    const match = started();
    expect(match(press('g'), 0)).toBe('started');
    expect(match(press('r'), 300)).toEqual({ id: 'go.runs' });
  });

  it('goes before the second key alone', () => {
    const match = started();
    match(press('g'), 0);
    expect(match(press('s'), 100)).toEqual({ id: 'go.settings' });
    expect(match(press('s'), 200)).toEqual({ id: 'run.star' });
  });

  it('is forgotten after a while', () => {
    const match = started();
    match(press('g'), 0);
    expect(match(press('r'), sequenceMs + 1)).toEqual({ id: 'run.resume' });
  });

  it('is not broken by a modifier on the way, but by any other key', () => {
    const match = started();
    match(press('g'), 0);
    expect(match(press('Shift', { shiftKey: true }), 100)).toBeUndefined();
    expect(match(press('c'), 200)).toEqual({ id: 'go.compare' });
    match(press('g'), 300);
    expect(match(press('x'), 400)).toBeUndefined();
    expect(match(press('c'), 500)).toEqual({ id: 'run.new' });
  });

  it('can begin anew', () => {
    const match = started();
    match(press('g'), 0);
    expect(match(press('g'), 100)).toBe('started');
    expect(match(press('d'), 200)).toEqual({ id: 'go.datasets' });
  });
});

it('no two commands share their keys', () => {
  expect(new Set(shortcuts.map(([keys]) => keys)).size).toBe(shortcuts.length);
});

describe('how keys are written', () => {
  it('as the machine calls them', () => {
    expect(keyCaps('Mod+K', false)).toEqual([['Ctrl', 'K']]);
    expect(keyCaps('Mod+K', true)).toEqual([['⌘', 'K']]);
    expect(keyCaps('g r', false)).toEqual([['G'], ['R']]);
    expect(keyText('Shift+S', false)).toBe('Shift+S');
    expect(keyText('Shift+S', true)).toBe('⇧S');
    expect(keyText('g r', false)).toBe('G then R');
  });
});
