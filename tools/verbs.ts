import { parseArgs } from 'node:util'
import type { Verb } from '../src/cli/command.ts'

/** The verbs of `npm run doorbell` that need the repository; the image has neither tools/ nor examples/. */
export const developerVerbs: readonly Verb[] = [
  {
    name: 'host-app',
    summary: 'runs the example of a customer’s app, with a front desk, beside a running service',
    usage: `Usage: doorbell host-app

Runs the example of a customer's app, with a front desk, beside a running service. Its settings are in examples/host-app/README.md.
`,
    run: async args => {
      takesNothing(args)
      await import('../examples/host-app/start.ts')
      return 0
    },
  },
  {
    name: 'clusters',
    summary: 'runs a NATS cluster and a MongoDB replica set of three on this machine',
    usage: `Usage: doorbell clusters

Runs a NATS cluster of three and a MongoDB replica set of three on free ports of this machine until Ctrl-C, and prints how to
start Doorbell on them.
`,
    run: async args => {
      takesNothing(args)
      await (await import('./clusters/clusters.ts')).runClusters()
      return 0
    },
  },
  {
    name: 'receiver-package',
    summary: 'builds the package for receivers',
    usage: `Usage: doorbell receiver-package [folder]

Builds the package for receivers, JavaScript with its types, in the folder (dist/doorbell), packs it beside that folder, and prints
the path of the archive.
`,
    run: async args => {
      const { positionals } = parseArgs({ args: [...args], allowPositionals: true })
      const { buildReceiverPackage } = await import('./receiver-package/build.ts')
      process.stdout.write(`${buildReceiverPackage(positionals[0])}\n`)
      return 0
    },
  },
]

const takesNothing = (args: readonly string[]): void => void parseArgs({ args: [...args], options: {} })
