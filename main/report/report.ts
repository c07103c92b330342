import { bytes, duration, percent, quantity } from '../../shared/amounts.ts';
import type { LayerSummary } from '../../shared/frames.ts';
import type { InferenceReport } from '../../shared/inference-report.ts';
import type { HonestNumbers, RunEvent } from '../../shared/run-view.ts';
import { chartFigure, type Chart } from './chart.ts';
import { html, type Html } from './html.ts';
import { inferenceSection } from './inference-section.ts';
import { maskPicture, type Mask } from './mask-picture.ts';
import { styles } from './styles.ts';

/** Everything a report shows, as plain data. */
export interface RunReport {
  name: string;
  id: string;
  state: string;
  reason: string | undefined;
  /** Names of method, model and data set, with the method's paper. */
  subject: { method: string; model: string; dataset: string; paper: string | undefined };
  tags: readonly string[];
  notes: string;
  finishedMs: number | undefined;
  trainingMs: number | undefined;
  accuracy: number | undefined;
  density: number | undefined;
  honest: HonestNumbers | undefined;
  /** This run first, then its standing baselines. */
  compared: readonly ComparedRun[];
  charts: readonly Chart[];
  masks: {
    steps: readonly number[];
    layers: readonly { name: string; shape: readonly number[]; masks: readonly MaskAt[] }[];
  };
  layers: readonly LayerSummary[];
  config: readonly { group: string; settings: readonly (readonly [string, string])[] }[];
  environment: readonly (readonly [string, string])[];
  /** Warnings and errors. */
  events: readonly RunEvent[];
  inference: InferenceReport | undefined;
  /** Trains it again. */
  command: string;
  /** What else that takes. */
  remarks: readonly string[];
  producer: string;
  writtenMs: number;
}

export type MaskAt = Mask & { step: number; nnz: number };

export interface ComparedRun {
  what: string;
  name: string;
  state: string;
  accuracy: number | undefined;
  density: number | undefined;
  flopsPercent: number | undefined;
  stepMs: number | undefined;
}

const none = '–';
const maybe = (value: number | undefined, write: (value: number) => string) =>
  value === undefined || Number.isNaN(value) ? none : write(value);
const day = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ') + ' UTC';

/**
 * One HTML file that needs nothing else: no script, no font, no picture from elsewhere, and a policy that says so, which
 * holds from file:// too.
 */
export function renderReport(report: RunReport): string {
  const { name, subject, tags, notes } = report;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="${report.producer}" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
        />
        <title>${name} · Filigree</title>
        <style>
          ${styles}
        </style>
      </head>
      <body>
        <main>
          <header>
            <p class="kind">Training report</p>
            <h1>${name}</h1>
            <p class="lead">
              ${subject.method} on ${subject.model}, trained on
              ${subject.dataset}.${subject.paper && ` Method: ${subject.paper}.`}
            </p>
            <p class="meta">
              ${[report.state + (report.reason ? `: ${report.reason}` : ''), maybe(report.finishedMs, day), `run ${report.id}`].filter((text) => text !== none).join(' · ')}
            </p>
            ${tags.length > 0 ? html`<p class="tags">${tags.map((tag) => html`<span>${tag}</span> `)}</p>` : undefined}
          </header>
          ${headline(report)}
          ${notes.trim() === '' ? undefined : section('Notes', html`<div class="notes">${notes}</div>`)}
          ${report.charts.length > 0 ? section('Curves', html`<div class="charts">${report.charts.map(chartFigure)}</div>`) : undefined}
          ${honestSection(report.honest)} ${comparedSection(report.compared)} ${masksSection(report.masks)}
          ${layersSection(report.layers)}
          ${report.inference && section('Inference', inferenceSection(report.inference))}
          ${
            report.events.length > 0
              ? section(
                  'Warnings',
                  html`<ul>
                    ${report.events.map(({ level, step, text }) => html`<li>${level} at step ${step}: ${text}</li>`)}
                  </ul>`,
                )
              : undefined
          }
          ${section(
            'Configuration',
            html`<div class="columns">
              ${report.config.map(
                ({ group, settings }) =>
                  html`<div class="group">
                    <h3>${group}</h3>
                    ${list(settings)}
                  </div>`,
              )}
            </div>`,
          )}
          ${section('Environment', list(report.environment))}
          ${section(
            'How to reproduce',
            html`<p>The same config, seed, data and engine give the same weights, to the last bit.</p>
              <pre>${report.command}</pre>
              ${report.remarks.map((remark) => html`<p>${remark}</p>`)}`,
          )}
          <footer>Written by ${report.producer} on ${day(report.writtenMs)}.</footer>
        </main>
      </body>
    </html> `.text;
}

const section = (title: string, content: Html) =>
  html`<section>
    <h2>${title}</h2>
    ${content}
  </section>`;

const list = (rows: readonly (readonly [string, string])[]) =>
  html`<dl>
    ${rows.map(
      ([key, value]) =>
        html`<div>
          <dt>${key}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;

function headline({ accuracy, density, honest, trainingMs }: RunReport): Html {
  const figure = (label: string, value: string) =>
    html`<div>
      <dt>${label}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<dl class="figures">
    ${[
      figure(
        'Test accuracy',
        maybe(accuracy, (v) => percent(v, 2)),
      ),
      figure(
        'Density',
        maybe(density, (v) => percent(v, 2)),
      ),
      figure(
        'Training FLOPs of dense',
        maybe(honest && honest.flops.run / honest.flops.dense, (v) => percent(v, 1)),
      ),
      figure('Training time', maybe(trainingMs, duration)),
    ]}
  </dl>`;
}

function honestSection(honest: HonestNumbers | undefined): Html | undefined {
  if (!honest) return undefined;
  const { flops, time, bytes: stored } = honest;
  const row = (
    what: string,
    how: string,
    pair: { run: number; dense: number } | undefined,
    write: (v: number) => string,
  ) =>
    html`<tr>
      <th scope="row">${what}<small>${how}</small></th>
      <td>${maybe(pair?.run, write)}</td>
      <td>${maybe(pair?.dense, write)}</td>
      <td>${maybe(pair && pair.run / pair.dense, (v) => percent(v, 1))}</td>
    </tr>`;
  return section(
    'Three honest numbers',
    html`<p>
        What sparsity saves in theory, on the clock and on the disk, each against dense training of the same
        network over the same samples.
      </p>
      <table>
        <thead>
          <tr>
            <th></th>
            <th>this run</th>
            <th>dense</th>
            <th>ratio</th>
          </tr>
        </thead>
        <tbody>
          ${row('Training FLOPs', 'counted as papers do; products with absent weights are free', flops, quantity)}
          ${row('Time per step', time ? `measured; dense: ${time.denseSource}` : 'no dense measurement is at hand', time, (v) => `${v.toFixed(3)} ms`)}
          ${row('Stored weights', 'compressed sparse rows or dense float32, the smaller', stored, bytes)}
        </tbody>
      </table>`,
  );
}

function comparedSection(runs: readonly ComparedRun[]): Html | undefined {
  if (runs.length < 2) return undefined;
  return section(
    'Baselines',
    html`<table>
      <thead>
        <tr>
          <th></th>
          <th>test accuracy</th>
          <th>density</th>
          <th>FLOPs of dense</th>
          <th>ms per step</th>
        </tr>
      </thead>
      <tbody>
        ${runs.map(
          ({ what, name, state, accuracy, density, flopsPercent, stepMs }) =>
            html`<tr>
              <th scope="row">${what}<small>${name}${state === 'finished' ? '' : ` (${state})`}</small></th>
              <td>${maybe(accuracy, (v) => percent(v, 2))}</td>
              <td>${maybe(density, (v) => percent(v, 2))}</td>
              <td>${maybe(flopsPercent, (v) => `${v.toFixed(1)} %`)}</td>
              <td>${maybe(stepMs, (v) => v.toFixed(3))}</td>
            </tr> `,
        )}
      </tbody>
    </table>`,
  );
}

function masksSection({ steps, layers }: RunReport['masks']): Html | undefined {
  if (layers.length === 0) return undefined;
  const cell = (name: string, { step, nnz, rows, columns, mask }: MaskAt) => {
    const density = percent(nnz / (rows * columns), 2);
    return html`<td>
      ${maskPicture({ rows, columns, mask }, `Mask of ${name} after ${step} steps, density ${density}`)}<small
        >${density}</small
      >
    </td>`;
  };
  return section(
    'Masks',
    html`<p>
        Every point is a weight, or a block of them in large layers, of the matrix [outputs, inputs]; the
        darker, the denser.
      </p>
      <table class="masks">
        <thead>
          <tr>
            <th>layer</th>
            ${steps.map((step) => html`<th>${step === 0 ? 'before training' : `after ${step.toLocaleString('en-US')} steps`}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${layers.map(
            ({ name, shape, masks }) =>
              html`<tr>
                <th scope="row">${name}<small>${shape.join(' × ')}</small></th>
                ${masks.map((mask) => cell(name, mask))}
              </tr> `,
          )}
        </tbody>
      </table>`,
  );
}

function layersSection(layers: readonly LayerSummary[]): Html | undefined {
  if (layers.length === 0) return undefined;
  const number = (value: number) => value.toLocaleString('en-US');
  return section(
    'Layers',
    html`<table>
      <thead>
        <tr>
          <th>layer</th>
          <th>shape</th>
          <th>density</th>
          <th>non-zeros</th>
          <th>weights</th>
          <th>dense MACs</th>
          <th>dead outputs</th>
          <th>dead inputs</th>
        </tr>
      </thead>
      <tbody>
        ${layers.map(
          (layer) =>
            html`<tr>
              <th scope="row">${layer.name}</th>
              <td>${layer.shape.join(' × ')}</td>
              <td>${percent(layer.density, 2)}</td>
              <td>${number(layer.nnz)}</td>
              <td>${number(layer.size)}</td>
              <td>${quantity(layer.macs)}</td>
              <td>${layer.deadRows}</td>
              <td>${layer.deadColumns}</td>
            </tr> `,
        )}
      </tbody>
    </table>`,
  );
}
