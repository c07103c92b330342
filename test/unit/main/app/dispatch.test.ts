import { expect, test, vi } from 'vitest';
import { UserError } from '../../../../shared/errors.ts';
import { createDispatcher, type Handlers } from '../../../../main/app/dispatch.ts';
import { EventBus } from '../../../../main/app/events.ts';

const id = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

function open(handlers: Partial<Handlers>) {
  const onDefect = vi.fn();
  const { dispatch } = createDispatcher(handlers as Handlers, onDefect);
  const connection = new EventBus().connect(() => {});
  return { onDefect, dispatch: (name: unknown, input: unknown) => dispatch(name, input, connection) };
}

test.each(['runs.nonsense', 'constructor', '__proto__', 'toString', '', 7, null, undefined, {}])(
  'the call %j does not exist',
  async (name) => {
    const { dispatch, onDefect } = open({});
    expect(await dispatch(name, {})).toMatchObject({ ok: false, error: { code: 'unknown-call' } });
    expect(onDefect).not.toHaveBeenCalled();
  },
);

test.each([
  ['runs.get', { id: 'no id' }, 'id'],
  ['runs.get', {}, 'id'],
  ['runs.get', { id, more: 1 }, ''],
  ['runs.setStarred', { ids: [], starred: true }, 'ids'],
  ['runs.setStarred', { ids: [id, 'x'], starred: true }, 'ids.1'],
  ['curves.read', { series: [{ runId: id, key: 'a' }], x: 'time', buckets: 100 }, 'x'],
  ['curves.read', { series: [{ runId: id, key: 'a' }], x: 'step', buckets: 2 }, 'buckets'],
  ['curves.read', { series: [], x: 'step', buckets: 100, smoothing: 1 }, 'smoothing'],
  ['curves.read', { series: [], x: 'step', buckets: 100, from: NaN }, 'from'],
  ['masks.read', { id, layer: 'fc1', steps: [-1] }, 'steps.0'],
  ['runs.list', null, ''],
])('%s refuses %j and names the field %j', async (name, input, field) => {
  const handler = vi.fn();
  const { dispatch } = open({ [name]: handler } as Partial<Handlers>);
  const answer = await dispatch(name, input);
  expect(answer).toMatchObject({ ok: false, error: { code: 'bad-input', field } });
  expect(handler).not.toHaveBeenCalled();
});

test('a handler gets validated input with its defaults', async () => {
  const handler = vi.fn(() => ({ series: [] }));
  const { dispatch } = open({ 'curves.read': handler });
  expect(await dispatch('curves.read', { series: [], x: 'step', buckets: 3 })).toEqual({
    ok: true,
    value: { series: [] },
  });
  expect(handler).toHaveBeenCalledWith(
    { series: [], x: 'step', buckets: 3, smoothing: 0 },
    expect.anything(),
  );
});

test('an error for the user arrives whole, an error of ours without its stack', async () => {
  const { dispatch, onDefect } = open({
    'runs.pause'() {
      throw new UserError('not-running', 'it does not run', 'id');
    },
    async 'runs.stop'() {
      throw new TypeError('x is undefined');
    },
  });
  expect(await dispatch('runs.pause', { id })).toEqual({
    ok: false,
    error: { code: 'not-running', message: 'it does not run', field: 'id' },
  });
  const answer = await dispatch('runs.stop', { id });
  expect(answer).toMatchObject({ ok: false, error: { code: 'internal' } });
  expect(JSON.stringify(answer)).not.toContain('.ts:');
  expect(onDefect).toHaveBeenCalledExactlyOnceWith(expect.any(TypeError));
});

test('frames reach only the windows that watch their run', () => {
  const events = new EventBus();
  const told: string[] = [];
  const a = events.connect((event) => told.push(`a ${event}`));
  const b = events.connect((event) => told.push(`b ${event}`));
  a.watched.add(id);
  const frame = { type: 'state', state: 'paused', step: 3 } as const;
  events.emitFrame({ runId: id, frame });
  expect(told).toEqual(['a run.frame']);
  expect([events.isWatched(id), events.isWatched('other')]).toEqual([true, false]);
  a.close();
  b.close();
  events.emitFrame({ runId: id, frame });
  events.emit('notice', { level: 'info', text: 'nobody hears this' });
  expect(told).toHaveLength(1);
});
