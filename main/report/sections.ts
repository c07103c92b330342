import { bytes, duration, percent, quantity } from '../../shared/amounts.ts';
import type { LayerSummary } from '../../shared/frames.ts';
import type { HonestNumbers } from '../../shared/run-view.ts';
import { html, type Html } from './html.ts';
import { maskPicture } from './mask-picture.ts';
import type { ComparedRun, MaskAt, RunReport } from './report.ts';

export const none = '–';
export const maybe = (value: number | undefined, write: (value: number) => string) =>
  value === undefined || Number.isNaN(value) ? none : write(value);
export const day = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ') + ' UTC';

export const section = (title: string, content: Html) =>
  html`<section>
    <h2>${title}</h2>
    ${content}
  </section>`;

export const list = (rows: readonly (readonly [string, string])[]) =>
  html`<dl>
    ${rows.map(
      ([key, value]) =>
        html`<div>
          <dt>${key}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;

export function headline({ accuracy, density, honest, trainingMs }: RunReport): Html {
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

export function honestSection(honest: HonestNumbers | undefined): Html | undefined {
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

export function comparedSection(runs: readonly ComparedRun[]): Html | undefined {
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

export function masksSection({ steps, layers }: RunReport['masks']): Html | undefined {
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

export function layersSection(layers: readonly LayerSummary[]): Html | undefined {
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
