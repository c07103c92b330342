/** The groups of a run config, in the order of forms and commands; the first are entries of a registry. */
export const choiceGroups = ['method', 'model', 'dataset'] as const;
export const groups = [...choiceGroups, 'training', 'schedule', 'augmentation', 'engine'] as const;

/** `filigree train ...` that trains this config; values in single quotes where a shell would read something into them. */
export function trainCommand(config: Readonly<Record<string, unknown>>): string {
  const words = ['filigree', 'train'];
  for (const group of choiceGroups) words.push(`--${group}`, quote((config[group] as { id: string }).id));
  if (config.name) words.push(`--name=${quote(String(config.name))}`);
  for (const group of groups) {
    for (const [key, value] of Object.entries((config[group] ?? {}) as object)) {
      if (key === 'id' && (choiceGroups as readonly string[]).includes(group)) continue;
      const text = Array.isArray(value) ? value.join(',') : String(value);
      words.push(`--${group}.${kebab(key)}=${quote(text)}`);
    }
  }
  return words.join(' ');
}

const kebab = (key: string) => key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

const quote = (text: string) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
