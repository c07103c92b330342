import { describe, expect, it } from 'vitest';
import { makeToken, ownNames, refusal, sameToken } from '../../../../main/web/access.ts';

const status = (headers: Record<string, string>, names = ownNames('127.0.0.1')) =>
  refusal({ headers }, names)?.status;

describe('token', () => {
  it('has 192 random bits', () => {
    expect(makeToken()).toMatch(/^[\w-]{32}$/);
    expect(makeToken()).not.toBe(makeToken());
  });

  it('is compared whole, and only as text', () => {
    const token = makeToken();
    expect(sameToken(token, token)).toBe(true);
    for (const wrong of ['', token.slice(1), `${token}x`, undefined, null, 7, [token], { token }]) {
      expect(sameToken(wrong, token), String(wrong)).toBe(false);
    }
  });
});

describe('who may ask', () => {
  it.each(['127.0.0.1:8000', 'localhost:8000', 'LOCALHOST:9', '[::1]:8000', 'localhost'])(
    'answers requests addressed to %s, on any port because of tunnels',
    (host) => expect(status({ host })).toBeUndefined(),
  );

  it.each([
    '',
    'evil.example',
    'evil.example:8000',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '127.0.0.1:8000@evil.example',
    'evil.example#127.0.0.1',
    '192.168.0.7',
  ])('refuses requests addressed to "%s"', (host) => expect(status({ host })).toBe(421));

  it('refuses requests without a Host header', () => expect(status({})).toBe(421));

  it('answers pages of its own origin only', () => {
    const host = 'localhost:8000';
    expect(status({ host, origin: 'http://localhost:8000' })).toBeUndefined();
    for (const origin of [
      'http://localhost:9000',
      'http://127.0.0.1:8000',
      'http://evil.example',
      'null',
      'file://',
      'http://localhost:8000.evil.example',
      '',
    ]) {
      expect(status({ host, origin }), origin).toBe(403);
    }
  });

  it('knows the names that were allowed, and all own addresses of a wildcard', () => {
    expect(status({ host: 'lab.example' }, ownNames('0.0.0.0', ['Lab.example']))).toBeUndefined();
    expect(status({ host: '127.0.0.1:80' }, ownNames('0.0.0.0'))).toBeUndefined();
    expect(status({ host: '10.1.2.3:80' }, ownNames('10.1.2.3'))).toBeUndefined();
    expect(status({ host: '127.0.0.1:80' }, ownNames('10.1.2.3'))).toBe(421);
  });
});
