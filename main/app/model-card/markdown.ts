import { count, duration, percent, quantity } from '../../../shared/amounts.ts';
import type { CardEntry, CardFile, ModelCard } from '../../../shared/model-card.ts';
import type { Values } from '../../../shared/fields.ts';

/** The card as a Markdown document. */
export function renderCard(card: ModelCard): string {
  const { model, method, dataset, run, environment, metrics, file } = card;
  const sections = [
    `# ${plain(card.name)}`,
    `${plain(model.title)} on ${plain(dataset.title)}, trained with ${plain(method.title)}.`,
    list([
      ['Test accuracy', metrics.accuracy === undefined ? undefined : percent(metrics.accuracy, 2)],
      ['Test loss', metrics.loss?.toPrecision(4)],
      ['Density', densityOf(card)],
      ['Parameters', count(model.parameters)],
      ['Input', `${model.input.join(' × ')}, raw as in the data set; the network normalises it`],
      ['Classes', count(model.classes)],
      [
        'Weights',
        `of step ${count(run.step)}${run.totalSteps ? ` of ${count(run.totalSteps)}` : ''} (${run.state})`,
      ],
    ]),
    '## How it was trained',
    entry('Model', model),
    entry('Method', method, method.extension ? 'an extension of Filigree' : undefined),
    entry('Data', dataset),
    list([
      ['Data SHA-256', dataset.sha256 && code(dataset.sha256)],
      ['Training', settings(card.config.training)],
      ['Schedule', settings(card.config.schedule)],
      ['Augmentation', settings(card.config.augmentation)],
      ['Seed', String(card.config.training.seed)],
      ['Wall time', run.wallMs === undefined ? undefined : duration(run.wallMs)],
      ['Finished', run.finished],
      ['Engine', environment.engine && `${plain(environment.engine)}, ${environment.threads} threads`],
      ['Versions', versions(card)],
      ['Run', `${run.id}, config ${code(run.configHash)}`],
    ]),
    'The same training again: `filigree train --config` with what the JSON card has under `config`.',
    '## Densities',
    table(
      ['layer', 'shape', 'non-zero', 'weights', 'density'],
      card.layers.map(({ name, shape, nonzeros, weights, density }) => [
        ...[plain(name), shape.join(' × '), count(nonzeros), count(weights), percent(density, 2)],
      ]),
    ),
    '## FLOPs',
    flops(card),
    ...(file ? ['## Files', ...describeFile(file)] : []),
    '## Load it',
    ...card.snippets.flatMap(({ title, language, code }) => [
      `${plain(title)}:`,
      `\`\`\`${language}\n${code}\n\`\`\``,
    ]),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function entry(label: string, { id, title, summary, paper, values }: CardEntry, remark?: string): string {
  const lines = [
    `**${label}: ${plain(title)}** (\`${id}\`${remark ? `, ${remark}` : ''}). ${plain(summary)}`,
    paper && `Paper: ${plain(paper.title)}, ${plain(paper.reference)}.`,
    settings(values) && `Settings: ${settings(values)}.`,
  ];
  return lines.filter(Boolean).join('  \n');
}

function flops({ flops: { training, inference } }: ModelCard): string {
  const rows = [
    ['inference, one sample', quantity(inference.sparse), share(inference.sparse / inference.dense)],
  ];
  if (training) {
    const { paper, exact } = training.percentOfDense;
    const rest =
      exact === undefined ? '' : `; ${share(exact / 100)} without an input gradient of the first layer`;
    rows.unshift(['training', quantity(training.total), `${share(paper / 100)}${rest}`]);
  }
  return (
    `${table(['', 'FLOPs', 'of dense'], rows)}\n\nA multiply-accumulate is two FLOPs. Training counts an input ` +
    'gradient of every layer, as the literature does; biases, normalisation and the optimiser are not counted.'
  );
}

function describeFile({ title, files, bytes, denseBytes, transforms, network, check }: CardFile): string[] {
  const { forward } = check;
  return [
    `${plain(title)}, ${count(bytes)} bytes: ${share(bytes / denseBytes)} of the ${count(denseBytes)} bytes that all ` +
      'parameters take in float32.',
    table(
      ['file', 'bytes', 'SHA-256'],
      files.map(({ name, bytes, sha256 }) => [code(name), count(bytes), code(sha256)]),
    ),
    list([
      ['Transformed by', transforms.join(', ') || undefined],
      [
        'Network in the file',
        `${count(network.parameters)} parameters, ${quantity(network.inferenceFlops)} FLOPs per sample where zeros are computed`,
      ],
      [
        'Self-check',
        `${count(check.arrays)} arrays read back equal, ${count(check.nonzero)} non-zeros` +
          (forward
            ? `; logits of ${forward.samples} samples (${plain(forward.source)}) by ${plain(forward.by)} differ by at ` +
              `most ${forward.maxDifference.toExponential(1)} (${forward.tolerance.toExponential(1)} accepted)`
            : ''),
      ],
    ]),
  ];
}

function densityOf({ layers }: ModelCard): string {
  const nonzeros = layers.reduce((sum, layer) => sum + layer.nonzeros, 0);
  const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
  return `${percent(nonzeros / weights, 2)} (${count(nonzeros)} of ${count(weights)} weights)`;
}

function versions({ environment: { filigree, commit, node, platform } }: ModelCard): string {
  const parts = [
    `Filigree ${filigree}`,
    commit && `commit ${commit.slice(0, 12)}`,
    node && `Node ${node}`,
    platform,
  ];
  return parts.filter(Boolean).join(', ');
}

const settings = (values: Values): string =>
  Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => code(`${key}=${Array.isArray(value) ? value.join(',') : String(value)}`))
    .join(' ');

const list = (items: readonly (readonly [string, string | undefined])[]): string =>
  items
    .filter(([, text]) => text)
    .map(([label, text]) => `- ${label}: ${text}`)
    .join('\n');

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text of people as text: one line in which nothing is Markdown or HTML. */
const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_|<>[\]#~]/g, '\\$&');

/** Inside a table or a list; a backtick would end it and a bar the cell. */
const code = (text: string): string => `\`${text.replace(/[`|\n]/g, "'")}\``;

const share = (part: number): string => `${(100 * part).toPrecision(3)} %`;
