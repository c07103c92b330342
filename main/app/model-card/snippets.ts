import type { CardSnippet } from '../../../shared/model-card.ts';
import type { Exporter } from '../../exporters/exporter.ts';

/** @param place of the file, as the code is to name it */
export function snippetOf(
  { title, snippet: { language, code } }: Pick<Exporter, 'title' | 'snippet'>,
  place: string,
): CardSnippet {
  // Both Python and JavaScript read the escapes of JSON in their string literals.
  const escaped = JSON.stringify(place).slice(1, -1);
  return { title, language, code: code.replaceAll('{file}', () => escaped) };
}
