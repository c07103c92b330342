import { expect, test } from 'vitest';
import { describeAdapter } from '../../../../../main/backends/webgpu/adapter.ts';

const limits = { maxBufferSize: 4 * 2 ** 30 } as never;
const describe = (info: object) =>
  describeAdapter({ info: { vendor: '', architecture: '', device: '', description: '', ...info }, limits });

test('an adapter is named as its driver names it, or by what a browser tells', () => {
  expect(describe({ vendor: 'nvidia', architecture: 'ampere', description: 'NVIDIA RTX A2000' })).toEqual({
    name: 'NVIDIA RTX A2000',
    kind: 'gpu',
    notes: ['vendor nvidia ampere', 'largest buffer 4.00 GiB'],
  });
  expect(describe({ vendor: 'amd', architecture: 'rdna-3' })).toMatchObject({
    name: 'amd rdna-3',
    kind: 'gpu',
  });
  expect(describe({})).toMatchObject({ name: 'unnamed GPU', kind: 'gpu' });
});

test.each([
  { architecture: 'swiftshader' },
  { description: 'llvmpipe (LLVM 15.0.6, 256 bits)' },
  { description: 'Microsoft Basic Render Driver' },
  { vendor: 'nvidia', isFallbackAdapter: true },
])('%o is software', (info) => {
  expect(describe(info).kind).toBe('software');
});
