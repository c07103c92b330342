import { effectScope, ref } from 'vue';
import { describe, expect, it, vi } from 'vitest';
import { hostAway, isEnabled, runCommand, useCommand } from '../../../../renderer/commands/commands.ts';
import { pushUndo, undoNewest, undoStack } from '../../../../renderer/commands/undo.ts';

describe('useCommand', () => {
  it('offers a command as long as its scope lives', () => {
    const scope = effectScope();
    const run = vi.fn();
    expect(runCommand('run.stop')).toBe(false);
    scope.run(() => useCommand('run.stop', { run }));
    expect(runCommand('run.stop')).toBe(true);
    scope.stop();
    expect(isEnabled('run.stop')).toBe(false);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('asks the newest handler that is enabled', () => {
    const scope = effectScope();
    const open = ref(true);
    const [view, dialog] = [vi.fn(), vi.fn()];
    scope.run(() => {
      useCommand('run.export', { run: view });
      useCommand('run.export', { run: dialog, enabled: () => open.value });
    });
    runCommand('run.export');
    open.value = false;
    runCommand('run.export');
    expect([view, dialog].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    scope.stop();
  });
});

it('while the host is away only what needs no host is carried out', () => {
  const scope = effectScope();
  scope.run(() => ['run.stop', 'run.new', 'go.runs'].forEach((id) => useCommand(id, { run: () => {} })));
  hostAway.value = true;
  expect(['run.stop', 'run.new', 'go.runs'].map(isEnabled)).toEqual([false, true, true]);
  hostAway.value = false;
  expect(isEnabled('run.stop')).toBe(true);
  scope.stop();
});

describe('undo', () => {
  it('takes back the newest first, each once', () => {
    const done: string[] = [];
    pushUndo({ label: 'a', run: () => done.push('a') });
    const undoB = pushUndo({ label: 'b', run: () => done.push('b') });
    pushUndo({ label: 'c', run: () => done.push('c') });
    undoB();
    undoB();
    expect(undoNewest()).toBe('c');
    expect(undoNewest()).toBe('a');
    expect(undoNewest()).toBeUndefined();
    expect(done).toEqual(['b', 'c', 'a']);
  });

  it('tells two entries with the same action apart', () => {
    const run = vi.fn();
    const first = pushUndo({ label: 'x', run });
    pushUndo({ label: 'x', run });
    first();
    expect(undoStack.value).toHaveLength(1);
    undoNewest();
    expect(run).toHaveBeenCalledTimes(2);
  });
});
