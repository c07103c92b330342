import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { chartFigure } from '../../../../main/report/chart.ts';
import { html } from '../../../../main/report/html.ts';
import { maskPicture } from '../../../../main/report/mask-picture.ts';
import { encodePng } from '../../../../main/report/png.ts';
import { renderReport, type RunReport } from '../../../../main/report/report.ts';

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>&amp;'\u202e\u0000</style>`;

const report = (text: string): RunReport => ({
  ...{ name: text, id: text, state: text, reason: text, notes: text, tags: [text] },
  subject: { method: text, model: text, dataset: text, paper: text },
  ...{ finishedMs: 0, trainingMs: 1, accuracy: 0.5, density: 0.1 },
  honest: {
    flops: { run: 1, dense: 2 },
    time: { run: 1, dense: 2, denseSource: text },
    bytes: { run: 1, dense: 2 },
  },
  compared: [text, text].map((what) => ({
    ...{ what, name: text, state: text },
    ...{ accuracy: 0.5, density: NaN, flopsPercent: undefined, stepMs: 1 },
  })),
  charts: [{ title: text, xLabel: text, format: () => text, lines: [{ label: text, x: [0, 1], y: [0, 1] }] }],
  masks: {
    steps: [0],
    layers: [
      {
        name: text,
        shape: [2, 2],
        masks: [{ step: 0, rows: 2, columns: 2, nnz: 2, mask: Uint8Array.of(1, 0, 0, 1) }],
      },
    ],
  },
  layers: [
    {
      ...{ name: text, shape: [2, 2], nnz: 2, size: 4, density: 0.5, macs: 4 },
      ...{ execution: 'sparse', deadRows: 0, deadColumns: 0 },
    },
  ],
  config: [{ group: text, settings: [[text, text]] }],
  environment: [[text, text]],
  events: [{ timeMs: 0, step: 0, level: 'warning', kind: text, text }],
  inference: {
    ...{ measuredMs: 1, threads: 1, step: 1, density: 0.5, missing: text },
    machine: { cpu: text, cores: 1, platform: text },
    candidates: [
      {
        ...{ id: 'native-sparse', title: text, engine: text, bytes: 1, storage: text },
        timings: [{ batch: 1, p50Ms: 1, p95Ms: 1, samplesPerSecond: 1, calls: 1 }],
      },
    ],
    agreement: { pairs: [], largestLogit: 1, samples: 1 },
  },
  ...{ command: text, remarks: [text], producer: text, writtenMs: 0 },
});

describe('a report', () => {
  test('of hostile texts holds none of their markup', () => {
    const page = renderReport(report(hostile));
    const plain = renderReport(report('plain'));
    expect(page).not.toContain('<script');
    expect(page).not.toContain('onerror=alert(1)>&');
    for (const character of ['\u0000', '\u202e']) expect(page).not.toContain(character);
    const tags = (text: string) => text.match(/<\/?[a-z!][^>]*>/gi)!.map((tag) => tag.split(/[\s>]/)[0]);
    // The same elements whatever the texts are.
    expect(tags(page)).toEqual(tags(plain));
    expect(page.split('&quot;&gt;&lt;script&gt;').length).toBeGreaterThan(20);
  });

  test('asks for nothing from elsewhere', () => {
    const page = renderReport(report('plain'));
    expect(page).not.toMatch(/https?:|\bsrc="(?!data:)|\bhref=|@import|url\(/);
    expect(page).toContain(`default-src 'none'`);
  });
});

test('templates escape values, keep HTML and leave out what is undefined', () => {
  expect(html`<a b="${'"<&>\''}">${undefined}${[1, html`<i>${'<'}</i>`]}</a>`.text).toBe(
    '<a b="&quot;&lt;&amp;&gt;&#39;">1<i>&lt;</i></a>',
  );
});

test('a picture is a PNG with the shades it was given', () => {
  const png = Buffer.from(encodePng(Uint8Array.of(0, 15, 7, 1, 2, 3), { width: 3, height: 2 }, [1, 2, 3]));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([3, 2]);
  const at = png.indexOf('IDAT');
  const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  expect([...rows]).toEqual([0, 0x0f, 0x70, 0, 0x12, 0x30]);
});

test('a single weight in a large mask can be seen', () => {
  const mask = new Uint8Array(1000 * 1000);
  mask[12_345] = 1;
  const picture = maskPicture({ rows: 1000, columns: 1000, mask }, 'a mask').text;
  const png = Buffer.from(/base64,([^"]+)/.exec(picture)![1], 'base64');
  const at = png.indexOf('IDAT');
  const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  expect(rows.filter((byte) => byte !== 0)).toHaveLength(1);
  expect(Math.max(png.readUInt32BE(16), png.readUInt32BE(20))).toBeLessThanOrEqual(232);
});

test('a chart has a gap where a value is not finite, and lines that end where the data ends', () => {
  const lines = [{ label: 'a', x: [0, 1, 2, 3, 4], y: [1, 2, NaN, 4, Infinity] }];
  const text = chartFigure({ title: 't', xLabel: 'x', lines, format: String }).text;
  const [, path] = /<path class="line c1" d="([^"]+)"/.exec(text)!;
  expect(path.match(/[ML]/g)!.join('')).toBe('MLM');
  expect(path.match(/NaN|Infinity/)).toBeNull();
});
