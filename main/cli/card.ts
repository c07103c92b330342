import { runFacts } from '../app/model-card/run-facts.ts';
import { createCard } from '../app/model-card/card.ts';
import { renderCard } from '../app/model-card/markdown.ts';
import { snippetOf } from '../app/model-card/snippets.ts';
import { loadTrainedModel } from '../app/trained-model.ts';
import { exporters } from '../exporters/registry.ts';
import { print, printJson } from './output.ts';
import { openSession } from './session.ts';

/** `filigree card RUN`: what the network is and how it was trained, with the code that loads each export of it. */
export async function printCard(
  text: string,
  options: { workspace?: string; json?: boolean },
): Promise<void> {
  const session = openSession(options.workspace);
  try {
    const id = session.find(text);
    const model = await loadTrainedModel(session.store, session.workspace, id);
    const snippets = exporters.map((exporter) => snippetOf(exporter, `${id}${exporter.extension}`));
    const card = createCard(runFacts(session.store, id), model, snippets);
    if (options.json) printJson(card);
    else print(renderCard(card).trimEnd());
  } finally {
    session.close();
  }
}
