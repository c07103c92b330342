import { bytes } from '../../shared/amounts.ts';
import type { InferenceReport } from '../../shared/inference-report.ts';
import { keepInference } from '../app/inference-result.ts';
import { measureRunInference } from '../app/jobs/inference.ts';
import { note, percent, print, printJson, table } from './output.ts';
import { openSession } from './session.ts';

/** `filigree inference RUN`: latency, throughput and size of the trained network, sparse and dense. */
export async function inference(
  text: string,
  options: { workspace?: string; json?: boolean },
): Promise<void> {
  const { store, workspace, find, close } = openSession(options.workspace);
  try {
    const id = find(text);
    if (!options.json) note('measuring for about half a minute; leave the machine alone meanwhile');
    const report = await measureRunInference(
      { run: store.getRun(id), folder: workspace.runFolder(id) },
      () => {},
    );
    await keepInference(store, id, report);
    if (options.json) return printJson(report);
    describe(report);
  } finally {
    close();
  }
}

function describe({ machine, threads, density, candidates, agreement, missing }: InferenceReport): void {
  const ms = (value: number) => value.toPrecision(3);
  print(
    `${percent(density, 2)} of the weights · ${machine.cpu}, ${machine.cores} cores · ${threads} threads each, in turns`,
  );
  print(
    table(
      ['', 'batch', 'p50 ms', 'p95 ms', 'samples/s', 'size', 'engine'],
      candidates.flatMap((candidate) =>
        candidate.timings.map(({ batch, p50Ms, p95Ms, samplesPerSecond }) => [
          candidate.title,
          batch,
          ms(p50Ms),
          ms(p95Ms),
          Math.round(samplesPerSecond),
          bytes(candidate.bytes),
          candidate.engine,
        ]),
      ),
    ),
  );
  const difference = Math.max(...agreement.pairs.map((pair) => pair.difference));
  print(
    `outputs compared over ${agreement.samples} samples: largest difference ${difference.toExponential(1)}, ` +
      `largest logit ${agreement.largestLogit.toPrecision(3)}`,
  );
  if (missing) note(missing);
}
