import { describe, expect, it } from 'vitest';
import { assembleConfig } from '../../../../main/cli/train.ts';
import { presets } from '../../../../main/methods/presets.ts';
import { parseRunConfig } from '../../../../main/training/config.ts';
import { trainCommand } from '../../../../shared/train-command.ts';

/** What a POSIX shell makes of a command whose only quotes are single ones. */
function shellWords(command: string): string[] {
  const words = command.match(/(?:[^\s'\\]|'[^']*'|\\.)+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|\\(.)/g, (_, quoted, escaped) => quoted ?? escaped));
}

/** Commander takes these out before the settings are read. */
function run(command: string) {
  const [, , ...words] = shellWords(command);
  const options: Record<string, string> = {};
  const settings: string[] = [];
  for (let i = 0; i < words.length; i++) {
    if (/^--(method|model|dataset)$/.test(words[i])) options[words[i].slice(2)] = words[++i];
    else if (words[i].startsWith('--name=')) options.name = words[i].slice('--name='.length);
    else settings.push(words[i]);
  }
  return parseRunConfig(assembleConfig({ ...options, download: false }, settings));
}

describe('the command that the form copies', () => {
  it.each(presets.map((preset) => [preset.id, preset] as const))(
    'trains the same config as %s',
    (_, preset) => {
      expect(run(trainCommand({ name: 'x', ...preset.config }))).toEqual(
        parseRunConfig({ name: 'x', ...preset.config }),
      );
    },
  );
  it('keeps quotes, spaces and negative-looking texts', () => {
    const config = {
      name: "it's $HOME, isn't it",
      method: { id: 'rigl', nesterov: true },
      model: { id: 'mlp', widths: [] },
      dataset: { id: 'csv', folder: '--odd folder' },
    };
    expect(run(trainCommand(config))).toEqual(parseRunConfig(config));
  });
});
