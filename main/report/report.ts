import type { LayerSummary } from '../../shared/frames.ts';
import type { InferenceReport } from '../../shared/inference-report.ts';
import type { HonestNumbers, RunEvent } from '../../shared/run-view.ts';
import { chartFigure, type Chart } from './chart.ts';
import { html } from './html.ts';
import { inferenceSection } from './inference-section.ts';
import type { Mask } from './mask-picture.ts';
import {
  comparedSection,
  day,
  headline,
  honestSection,
  layersSection,
  list,
  masksSection,
  maybe,
  none,
  section,
} from './sections.ts';
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
