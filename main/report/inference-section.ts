import { bytes } from '../../shared/amounts.ts';
import type { InferenceReport } from '../../shared/inference-report.ts';
import { html, type Html } from './html.ts';

const ms = (value: number) => value.toPrecision(3);

/** Speed and size of the trained network as a table, with what was measured where. */
export function inferenceSection(report: InferenceReport): Html {
  const { machine, threads, candidates, agreement, missing, measuredMs } = report;
  const batches = candidates[0].timings.map(({ batch }) => batch);
  return html`<table>
      <thead>
        <tr>
          <th rowspan="2"></th>
          ${batches.map((batch) => html`<th colspan="3">batch ${batch}</th>`)}
          <th rowspan="2">size</th>
        </tr>
        <tr>
          ${batches.map(
            () =>
              html`<th>p50, ms</th>
                <th>p95, ms</th>
                <th>samples/s</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${candidates.map(
          (candidate) =>
            html`<tr>
              <th scope="row">${candidate.title}<small>${candidate.engine}</small></th>
              ${candidate.timings.map(
                ({ p50Ms, p95Ms, samplesPerSecond }) =>
                  html`<td>${ms(p50Ms)}</td>
                    <td>${ms(p95Ms)}</td>
                    <td>${Math.round(samplesPerSecond).toLocaleString('en-US')}</td>`,
              )}
              <td>${bytes(candidate.bytes)}<small>${candidate.storage}</small></td>
            </tr> `,
        )}
      </tbody>
    </table>
    <p>
      Measured on ${machine.cpu} (${machine.cores} cores, ${machine.platform}) with ${threads}
      ${threads === 1 ? 'thread' : 'threads'} each, on ${new Date(measuredMs).toISOString().slice(0, 10)}, in
      turns. Over ${agreement.samples} samples the logits differ by at most
      ${Math.max(0, ...agreement.pairs.map(({ difference }) => difference)).toExponential(1)}; the largest is
      ${agreement.largestLogit.toPrecision(3)}.${missing && ` ${missing}`}
    </p>`;
}
