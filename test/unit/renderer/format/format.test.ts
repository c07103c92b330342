import { describe, expect, it } from 'vitest';
import {
  bytes,
  duration,
  metricFormat,
  metricName,
  number,
  percent,
  quantity,
  relativeTime,
  stepMs,
} from '../../../../renderer/format.ts';

/** Units stand behind a no-break space and a minus is U+2212; tests read better without. */
const plain = (text: string): string => text.replaceAll('\u00a0', ' ').replaceAll('\u2212', '-');

describe('what is not there', () => {
  const all = { percent, number, quantity, bytes, duration, stepMs, relativeTime };
  it.each(Object.entries(all))('%s writes a dash for it, and shows that something diverged', (_, format) => {
    expect(format(undefined)).toBe('–');
    expect(format(null)).toBe('–');
    expect(format(NaN)).toBe('–');
    expect(plain(format(Infinity))).toBe('∞');
    expect(plain(format(-Infinity))).toBe('-∞');
  });
});

describe('percent', () => {
  it.each([
    [0, 1, '0.0 %'],
    [1, 1, '100.0 %'],
    [0.9341, 1, '93.4 %'],
    [0.93415, 2, '93.42 %'],
    [0.00004, 1, '0.0 %'],
    [-0.00004, 1, '0.0 %'],
    [-0.125, 1, '-12.5 %'],
    [12.3, 0, '1230 %'],
  ])('%d with %d digits is %s', (value, digits, text) => expect(plain(percent(value, digits))).toBe(text));
});

describe('number', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [1, '1'],
    [-42, '-42'],
    [0.1 + 0.2, '0.3'],
    [0.001, '0.001'],
    [0.00012345, '0.0001234'],
    [0.0000123, '1.23e-5'],
    [-0.0000123, '-1.23e-5'],
    [3.14159, '3.142'],
    [1234.5678, '1235'],
    [123456, '123456'],
    [1234567, '1.235e6'],
    [1e300, '1e300'],
    [5e-324, '4.941e-324'],
  ])('%d is %s', (value, text) => expect(plain(number(value))).toBe(text));

  it('has as many significant digits as asked for', () => {
    expect(number(2.302585, 2)).toBe('2.3');
    expect(number(2.302585, 6)).toBe('2.30259');
  });
});

describe('quantity', () => {
  it.each([
    [0, '0'],
    [7, '7'],
    [7.5, '7.50'],
    [999, '999'],
    [999.9, '1.00 k'],
    [1000, '1.00 k'],
    [1234, '1.23 k'],
    [12_340, '12.3 k'],
    [999_499, '999 k'],
    [999_500, '1.00 M'],
    [3_400_000, '3.40 M'],
    [22_900_000_000, '22.9 G'],
    [-1500, '-1.50 k'],
    [4.2e18, '4.20 E'],
    [4.2e25, '4.2e7 E'],
  ])('%d is %s', (value, text) => expect(plain(quantity(value))).toBe(text));
});

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [1536, '1.50 KiB'],
    [100 * 1024 ** 2, '100 MiB'],
    [1023.9 * 1024, '1.00 MiB'],
    [67.4e9, '62.8 GiB'],
  ])('%d is %s', (value, text) => expect(plain(bytes(value))).toBe(text));
});

describe('stepMs', () => {
  it.each([
    [0, '0.00 ms'],
    [0.0042, '4.2 µs'],
    [1.836, '1.84 ms'],
    [18.36, '18.4 ms'],
    [183.6, '184 ms'],
    [1836, '1.84 s'],
    [65_000, '65.0 s'],
  ])('%d is %s', (value, text) => expect(plain(stepMs(value))).toBe(text));
});

describe('duration', () => {
  it.each([
    [0, '0.0 s'],
    [840, '0.8 s'],
    [9949, '9.9 s'],
    [9990, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [3_599_600, '1 h 00 min'],
    [8_040_000, '2 h 14 min'],
    [86_399_000, '1 d 00 h'],
    [273_600_000, '3 d 04 h'],
    [-1, '–'],
  ])('%d ms is %s', (ms, text) => expect(plain(duration(ms))).toBe(text));
});

describe('relativeTime', () => {
  const now = Date.UTC(2026, 10, 21, 12);
  it.each([
    [0, 'just now'],
    [-5_000, 'just now'],
    [44_000, 'just now'],
    [50_000, '1 min ago'],
    [5 * 60_000, '5 min ago'],
    [50 * 60_000, '1 h ago'],
    [23 * 3_600_000, '1 d ago'],
    [6 * 86_400_000, '6 d ago'],
    [20 * 86_400_000, '1 Nov'],
    [400 * 86_400_000, '17 Oct 2025'],
  ])('%d ms ago is %s', (ago, text) => expect(plain(relativeTime(now - ago, now))).toBe(text));
});

describe('metrics', () => {
  it.each([
    ['test/accuracy', 'Test accuracy'],
    ['density/conv1.weight', 'Density of conv1.weight'],
    ['method/itopRate', 'Explored weights (ITOP)'],
    ['method/dropFraction', 'Drop fraction'],
    ['time/topology', 'Time: topology'],
    ['custom/someThing', 'Custom: Some thing'],
    ['epoch', 'Epoch'],
  ])('%s is called %s', (key, name) => expect(metricName(key)).toBe(name));

  it.each([
    ['test/accuracy', 0.9341, '93.41 %'],
    ['density', 0.05, '5.00 %'],
    ['density/fc1.weight', 0.012, '1.20 %'],
    ['method/itopRate', 0.5, '50.00 %'],
    ['flops/train', 2.29e10, '22.9 G'],
    ['flops/percentOfDense', 22.912, '22.91 %'],
    ['flops/inferencePercent', 5, '5 %'],
    ['time/forward', 1.5, '1.50 ms'],
    ['time/wallMs', 185_000, '3 min 05 s'],
    ['memory/processBytes', 2 ** 20, '1.00 MiB'],
    ['throughput/samplesPerSecond', 34_560, '34.6 k'],
    ['learningRate', 0.001, '0.001'],
    ['train/loss', 0.123456, '0.1235'],
  ])('%s of %d is %s', (key, value, text) => expect(plain(metricFormat(key)(value))).toBe(text));
});
