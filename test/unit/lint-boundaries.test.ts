import { ESLint } from 'eslint';
import { expect, it } from 'vitest';

// The architecture is a lint rule; this test makes sure that the rule bites.
async function violations(filePath: string, code: string): Promise<string[]> {
  const [result] = await new ESLint().lintText(code, { filePath });
  return result.messages.map((m) => m.ruleId ?? m.message);
}

it.each([
  ['shared/example.ts', "import '../main/methods/registry.ts';\n"],
  ['main/backends/example.ts', "import '../methods/registry.ts';\n"],
  ['main/methods/example.ts', "import '../backends/native/index.ts';\n"],
  ['main/training/example.ts', "import '../store/run-store.ts';\n"],
  ['main/store/example.ts', "import '../training/trainer.ts';\n"],
  ['main/models/example.ts', "import '../cli/output.ts';\n"],
  ['main/backends/native/example.ts', "import '../../methods/registry.ts';\n"],
  ['main/topology/example.ts', "import '../backends/native/index.ts';\n"],
])('refuses %s importing %j', async (file, code) => {
  expect(await violations(file, code)).toContain('no-restricted-imports');
});

it.each([
  ['main/methods/example.ts', "import '../topology/distribution.ts';\n"],
  ['main/training/example.ts', "import '../methods/registry.ts';\n"],
  ['main/app/example.ts', "import '../store/run-store.ts';\n"],
  ['main/backends/native/example.ts', "import '../backend.ts';\nimport '../../models/graph.ts';\n"],
  ['main/topology/example.ts', "import '../backends/backend.ts';\nimport '../../shared/random.ts';\n"],
])('allows %s importing %j', async (file, code) => {
  expect(await violations(file, code)).toEqual([]);
});

it('lets only the desktop shell import electron', async () => {
  expect(await violations('main/app/example.ts', "import 'electron';\n")).toContain('no-restricted-imports');
});
