/** What a reader of the page wants to know about, in the order of the page. Each is a folder of `test/`. */
export const groups: Readonly<Record<string, string>> = {
  delivery: 'From a check-in to its receiver',
  receivers: 'At the receiver',
  api: 'The REST API',
  portal: 'The page',
  security: 'Tenants, tokens, keys and secrets',
  privacy: 'Personal data',
  operations: 'Starts, stops and changes',
  faults: 'When something fails',
  deploy: 'Deployments',
  telemetry: 'Traces, metrics and logs',
}

/** Folders of `test/` whose tests are about the repository. */
export const notForUsers = ['docs', 'sim', 'support']

/** Files and folders among these that compare the repository with itself, try a table line by line, or show what an example does. */
export const filesNotForUsers = [
  'test/deploy/dependencies.test.ts',
  'test/deploy/files.test.ts',
  'test/receivers/host-app/',
  'test/receivers/vectors.test.ts',
  'test/telemetry/environment.test.ts',
  'test/telemetry/metrics-generated.test.ts',
  'test/telemetry/telemetry-catalogue.test.ts',
]
