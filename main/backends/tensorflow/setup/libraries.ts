import { basename } from 'node:path';

/** The folders of an engine that libraries and headers are put into. */
export const parts = ['lib', 'include', 'addon'] as const;

/**
 * Where a file of TensorFlow goes within the engine's folder; undefined for the many that are not needed.
 * @param path within a Python package (`tensorflow/libtensorflow_cc.so.2`) or a C distribution (`lib/…`, `include/…`)
 */
export function placeOf(path: string): string | undefined {
  const name = basename(path);
  if (/^libtensorflow(_cc|_framework)?(\.so\.2|\.2\.dylib)$/.test(name)) return `lib/${name}`;
  const header = /(?:^|\/)include\/(.+)$/.exec(path)?.[1];
  if (header && headerPattern.test(header)) return `include/${header}`;
  return undefined;
}

/** What the binding includes of TensorFlow's C API. */
const headerPattern =
  /^(tensorflow\/c\/(eager\/)?[^/]+\.h|(tensorflow\/core|tsl)\/platform\/ctstring(_internal)?\.h|xla\/tsl\/c\/[^/]+\.h)$/;

/** Where a file of one of NVIDIA's packages goes: its libraries lie beside TensorFlow's, which look there first. */
export function placeOfCuda(path: string): string | undefined {
  return /^nvidia\/[^/]+\/lib\/[^/]+\.so[.\d]*$/.test(path) ? `lib/${basename(path)}` : undefined;
}

/** The libraries that the addon is linked with: of the wheel or of the C distribution. */
export function linked(names: readonly string[]): string[] | undefined {
  const library = names.find((name) => /^libtensorflow(_cc)?\./.test(name));
  const framework = names.find((name) => name.startsWith('libtensorflow_framework.'));
  return library && framework ? [library, framework] : undefined;
}
