/**
 * Numbers as the workbench writes them. Every function takes what a series or a row may hold, and writes a dash for
 * what is not there (undefined, NaN); infinities are shown, because a diverged run must not look like a missing one.
 */

type Value = number | undefined | null;

const none = '–';
/** A minus as wide as a digit, with which columns of numbers line up. */
const minus = '\u2212';
/** Keeps a number and its unit on one line. */
const gap = '\u00a0';

function special(value: Value): string | undefined {
  if (value === undefined || value === null || Number.isNaN(value)) return none;
  if (value === Infinity) return '∞';
  if (value === -Infinity) return `${minus}∞`;
  return undefined;
}

const withMinus = (text: string): string => text.replace(/^-/, minus).replace(/e-/, `e${minus}`);

/** A number below 1e21 in `digits` decimals; a zero never has a sign. */
function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return withMinus(Number(text) === 0 ? text.replace('-', '') : text);
}

/** A share in 0..1 as percent: 0.934 is `93.4 %`. */
export function percent(value: Value, digits = 1): string {
  return special(value) ?? `${fixed(value! * 100, digits)}${gap}%`;
}

/** A number with `digits` significant digits, in scientific notation where it is very small or large. */
export function number(value: Value, digits = 4): string {
  const word = special(value);
  if (word) return word;
  const v = value!;
  if (v === 0) return '0';
  const size = Math.abs(v);
  if (size >= 10 ** Math.max(digits, 6) || size < 1e-4) {
    const [mantissa, exponent] = v.toExponential(digits - 1).split('e');
    return withMinus(`${trimZeros(mantissa)}e${exponent.replace('+', '')}`);
  }
  if (Number.isInteger(v)) return withMinus(String(v));
  return withMinus(trimZeros(fixedDigits(v, digits)));
}

/** `toPrecision` without its scientific notation for large values. */
function fixedDigits(value: number, digits: number): string {
  const before = Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toFixed(Math.max(0, digits - before));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** `value` with the largest prefix of `steps` it fills, three significant digits. */
function scaled(value: number, base: number, prefixes: readonly string[], unit: string): string {
  let index = 0;
  let size = value;
  // 999.5 would be rounded to 1000 of the smaller prefix.
  while (Math.abs(size) >= base - base / 2000 && index < prefixes.length - 1) {
    size /= base;
    index++;
  }
  if (Math.abs(size) >= 1e6) return `${number(size, 3)}${gap}${prefixes[index]}${unit}`;
  const digits =
    Number.isInteger(size) && index === 0 ? 0 : Math.abs(size) < 9.995 ? 2 : Math.abs(size) < 99.95 ? 1 : 0;
  const suffix = prefixes[index] + unit;
  return suffix ? `${fixed(size, digits)}${gap}${suffix}` : fixed(size, digits);
}

/** A count or an amount of work: 1.23 k, 3.40 M, 22.9 G. */
export function quantity(value: Value): string {
  return special(value) ?? scaled(value!, 1000, ['', 'k', 'M', 'G', 'T', 'P', 'E'], '');
}

/** Bytes in powers of 1024: 1.50 KiB. */
export function bytes(value: Value): string {
  return special(value) ?? scaled(value!, 1024, ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'], 'B');
}

/** Time of one step in milliseconds, with the unit that suits it. */
export function stepMs(value: Value): string {
  const word = special(value);
  if (word) return word;
  const size = Math.abs(value!);
  if (size >= 999.5) return `${fixed(value! / 1000, size < 9995 ? 2 : 1)}${gap}s`;
  if (size < 0.01 && size > 0) return `${number(value! * 1000, 3)}${gap}µs`;
  return `${fixed(value!, size < 9.995 ? 2 : size < 99.95 ? 1 : 0)}${gap}ms`;
}

/** A span in milliseconds as a person says it: `42 s`, `3 min 05 s`, `2 h 14 min`, `3 d 04 h`. */
export function duration(ms: Value): string {
  const word = special(ms);
  if (word) return word;
  if (ms! < 0) return none;
  if (ms! < 9950) return `${fixed(ms! / 1000, 1)}${gap}s`;
  const seconds = Math.round(ms! / 1000);
  const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
    `${large}${gap}${largeUnit} ${String(small).padStart(2, '0')}${gap}${smallUnit}`;
  if (seconds < 60) return `${seconds}${gap}s`;
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(seconds / 3600);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dateFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/**
 * When something happened, seen from `now` (both Unix milliseconds): `just now`, `5 min ago`, `3 h ago`, `2 d ago`,
 * then the date.
 */
export function relativeTime(timeMs: Value, now = Date.now()): string {
  const word = special(timeMs);
  if (word) return word;
  const seconds = (now - timeMs!) / 1000;
  if (seconds < 45) return 'just now';
  if (seconds < 45 * 60) return `${Math.max(1, Math.round(seconds / 60))}${gap}min ago`;
  if (seconds < 22 * 3600) return `${Math.max(1, Math.round(seconds / 3600))}${gap}h ago`;
  if (seconds < 7 * 86_400) return `${Math.max(1, Math.round(seconds / 86_400))}${gap}d ago`;
  const sameYear = new Date(timeMs!).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? dayFormat : dateFormat).format(timeMs!);
}

const titles: Readonly<Record<string, string>> = {
  'train/loss': 'Training loss',
  'train/accuracy': 'Training accuracy',
  'test/loss': 'Test loss',
  'test/accuracy': 'Test accuracy',
  epoch: 'Epoch',
  learningRate: 'Learning rate',
  density: 'Density',
  'flops/train': 'Training FLOPs',
  'flops/percentOfDense': 'Training FLOPs, % of dense',
  'flops/inferencePercent': 'Inference FLOPs, % of dense',
  'flops/exactPercentOfDense': 'Training FLOPs, exact, % of dense',
  'activeParameters/average': 'Active parameters, average',
  'gradients/dense': 'Dense gradients',
  'method/lambda': 'Lambda',
  'method/itopRate': 'Explored weights (ITOP)',
  'time/data': 'Time: data',
  'time/forward': 'Time: forward',
  'time/backward': 'Time: backward',
  'time/pass': 'Time: forward + backward',
  'time/passWithUpdate': 'Time: update + forward + backward',
  'time/update': 'Time: update',
  'time/topology': 'Time: topology',
  'time/stepMs': 'Step time',
  'time/wallMs': 'Wall time',
  'time/trainingMs': 'Training time',
  'throughput/samplesPerSecond': 'Samples per second',
  'memory/processBytes': 'Process memory',
  'memory/networkBytes': 'Network memory',
  nonzeros: 'Nonzero weights',
  parameters: 'Parameters',
};

/** The title of a series or metric: `test/accuracy` is "Test accuracy", `density/conv1.weight` "Density of conv1.weight". */
export function metricName(key: string): string {
  const title = titles[key];
  if (title) return title;
  const slash = key.indexOf('/');
  const [group, rest] = slash < 0 ? ['', key] : [key.slice(0, slash), key.slice(slash + 1)];
  if (group === 'density') return `Density of ${rest}`;
  const words = rest.replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  const name = words.charAt(0).toUpperCase() + words.slice(1);
  return group === '' || group === 'method'
    ? name
    : `${group.charAt(0).toUpperCase()}${group.slice(1)}: ${name}`;
}

const asNumber = (value: Value): string => number(value);
const asShare = (value: Value): string => percent(value, 2);
const asPercent = (value: Value): string => special(value) ?? `${number(value)}${gap}%`;

/** In order: the first pattern that fits a key says how its values are written. */
const formats: readonly [RegExp, (value: Value) => string][] = [
  [/percent/i, asPercent],
  [/(^|\/)(accuracy|density|itopRate)$|^density\//, asShare],
  [/^time\/(wall|training)Ms$/, duration],
  [/^time\//, stepMs],
  [/bytes$/i, bytes],
  [/^flops\/|^throughput\/|^activeParameters\/|^(nonzeros|parameters)$/, quantity],
];

/** How values of a series or metric are written. */
export function metricFormat(key: string): (value: Value) => string {
  return formats.find(([pattern]) => pattern.test(key))?.[1] ?? asNumber;
}
