import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Step {
  run?: string;
  uses?: string;
  env?: Record<string, string>;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<
    string,
    {
      needs?: string;
      permissions?: Record<string, string>;
      strategy?: { matrix: { include?: { name: string }[] } };
      steps: Step[];
    }
  >;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { load } = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown };
const read = (name: string) => load(readFileSync(join(root, '.github/workflows', name), 'utf8')) as Workflow;
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

describe.each(['ci.yml', 'release.yml'])('%s', (name) => {
  const workflow = read(name);
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, { steps }]) => steps);

  it('calls commands that exist', () => {
    const called = steps.flatMap(({ run }) =>
      [...(run ?? '').matchAll(/npm (?:run )?([\w:-]+)/g)].map((m) => m[1]),
    );
    expect(called.length).toBeGreaterThan(1);
    for (const command of called) expect([...Object.keys(scripts), 'sbom'], command).toContain(command);
    for (const script of Object.values(scripts)) {
      const task = /^node scripts\/run\.mjs ([\w:-]+)$/.exec(script)![1];
      expect(readFileSync(join(root, 'scripts/run.mjs'), 'utf8')).toMatch(
        new RegExp(`^  '?${task}'?: \\{`, 'm'),
      );
    }
  });

  it('uses actions of a fixed version, from their makers', () => {
    for (const { uses } of steps) if (uses) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/);
  });

  it('may by itself do no more than read', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const [job, { needs }] of jobs) if (needs) expect(Object.keys(workflow.jobs), job).toContain(needs);
  });

  it('gives secrets and names from outside to steps as variables, never as text of a command', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{');
  });
});

describe('a release', () => {
  const { jobs, on } = read('release.yml');

  it('is made of a tag on every kind of machine, and published by a person', () => {
    expect(on).toEqual({ push: { tags: ['v*'] } });
    expect(jobs.packages.strategy!.matrix.include!.map(({ name }) => name)).toEqual([
      'linux-x64',
      'windows-x64',
      'macos-arm64',
      'macos-x64',
    ]);
    const { permissions, steps, needs } = jobs.release;
    expect([needs, permissions]).toEqual([
      'packages',
      { contents: 'write', 'id-token': 'write', attestations: 'write' },
    ]);
    const commands = steps.map(({ run, uses }) => run ?? uses).join('\n');
    for (const part of ['npm sbom', 'sha256sum', 'attest-build-provenance', '--draft']) {
      expect(commands).toContain(part);
    }
  });

  it('has a bill of materials with what is in the package, by version', () => {
    const step = jobs.release.steps.find(({ run }) => run?.startsWith('npm sbom'))!;
    const [command, ...args] = step.run!.split(' > ')[0].split(' ');
    const { stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
    const { bomFormat, components } = JSON.parse(stdout || stderr) as {
      bomFormat: string;
      components: { name: string; version: string }[];
    };
    expect(bomFormat).toBe('CycloneDX');
    const versions = new Map(components.map((component) => [component.name, component.version]));
    const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string }>;
    };
    for (const shipped of ['better-sqlite3', 'electron', 'sharp', 'vue', 'zod']) {
      expect(versions.get(shipped), shipped).toBe(locked.packages[`node_modules/${shipped}`].version);
    }
  });
});
