/** These take the longest. They begin first, so that no other file waits alone for one of them at the end. */
const longest = [
  'test/portal/accessible.test.ts',
  'test/faults/faults.test.ts',
  'test/docs/readme.test.ts',
  'test/operations/backup.test.ts',
  'test/api/fuzz.test.ts',
  'test/deploy/upgrade.test.ts',
  'test/telemetry/metrics-rules.test.ts',
  'test/operations/life.test.ts',
  'test/telemetry/metrics-served.test.ts',
  'test/deploy/whole.test.ts',
  'test/telemetry/jaeger-sampling.test.ts',
]

/** Whole services before units, which fill the gaps. */
const rankOf = file => {
  const path = file.slice(import.meta.dirname.length + 1)
  const place = longest.indexOf(path)
  if (place >= 0) return place
  return path.startsWith('test/') ? longest.length : longest.length + 1
}

export default {
  files: ['src', 'actors', 'config', 'observability', 'test', 'tools'].map(folder => `${folder}/**/*.test.ts`),
  sortTestFiles: (one, other) => rankOf(one) - rankOf(other) || (one < other ? -1 : 1),
  extensions: ['ts'],
  workerThreads: false,
  timeout: '120s',
  nodeArguments: ['--disable-warning=ExperimentalWarning'],
}
