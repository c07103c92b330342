import { describe, expect, test } from 'vitest';
import { methodById, methods } from '../../../../main/methods/registry.ts';
import { accepts, parseValues } from '../../../../shared/fields.ts';
import { tinySettings, train } from './harness.ts';

const ids = methods.map((m) => m.id);

describe('the registry', () => {
  test('holds every method once', () => {
    expect([...ids].sort()).toEqual(
      'adabreg adam adamw gmp linbreg linbreg-momentum ml-adabreg ml-linbreg oneshot proxsgd rigl rigl-itop set sgd static'.split(
        ' ',
      ),
    );
  });

  test('names what it knows when asked for anything else', () => {
    expect(() => methodById('rigle')).toThrow(/method\.id: "rigle".*rigl, rigl-itop/);
  });

  test.each(ids)('%s documents itself', (id) => {
    const method = methodById(id);
    expect(method.title).not.toBe('');
    expect(method.summary).toMatch(/\.$/);
    expect(method.paper.title).not.toBe('');
    expect(method.paper.reference).toMatch(/\d{4}/);
    expect(Object.keys(method.fields)).toContain('learningRate');
    for (const [key, field] of Object.entries(method.fields)) {
      expect(field.label, key).not.toBe('');
      expect(field.help, key).toMatch(/.{15,}\.$/);
      if (field.visibleWhen) {
        const deciding = method.fields[field.visibleWhen.field];
        expect(deciding, `${key} depends on ${field.visibleWhen.field}`).toBeDefined();
        for (const value of field.visibleWhen.is) {
          expect(() =>
            parseValues(method.fields, { [field.visibleWhen!.field]: value }, 'method'),
          ).not.toThrow();
        }
      }
      expect(
        () => parseValues(method.fields, { [key]: field.default }, 'method'),
        accepts(field),
      ).not.toThrow();
    }
  });

  test.each(ids)('%s lowers the loss within 30 steps', async (id) => {
    const { before, after } = await train(id, tinySettings(id), { steps: 30 });
    expect(after).toBeLessThan(0.97 * before);
  });

  test.each(ids)('%s repeats bit for bit', async (id) => {
    const raw = tinySettings(id);
    const [a, b] = [await train(id, raw, { steps: 12 }), await train(id, raw, { steps: 12 })];
    expect(a.after).toBe(b.after);
    for (const { name } of a.network.parameters) {
      expect(await a.network.read(name, 'value')).toEqual(await b.network.read(name, 'value'));
    }
  });
});
