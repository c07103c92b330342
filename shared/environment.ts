const labels: Record<string, string> = {
  version: 'Filigree',
  commit: 'Commit',
  dirty: 'Uncommitted changes',
  platform: 'Platform',
  node: 'Node.js',
  engine: 'Engine',
  engineId: 'Engine name',
  engineReason: 'Why this engine',
  engineVersions: 'Versions of the engine',
  device: 'Device',
  threads: 'Threads',
  datasetSha256: 'Data set SHA-256',
  datasetOrigin: 'Data set from',
  totalSteps: 'Steps',
  stepsPerEpoch: 'Steps per epoch',
  batchSize: 'Batch size',
  parameters: 'Parameters',
  macs: 'Multiply-accumulates',
  commandLine: 'Started by',
};

/** A run's environment as labels and texts: what is known by name first, then anything else. */
export function environmentRows(environment: Readonly<Record<string, unknown>>): [string, string][] {
  const present = Object.keys(environment).filter((key) => show(environment[key]) !== '');
  const known = Object.keys(labels).filter((key) => present.includes(key));
  const others = present.filter((key) => !Object.hasOwn(labels, key));
  return [...known, ...others].map((key) => [
    Object.hasOwn(labels, key) ? labels[key] : key,
    show(environment[key]),
  ]);
}

/** Empty where there is nothing to say. */
function show(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${name} ${show(part)}`)
    .join(', ');
}
