/** A process that runs worlds for `npm run sim`, one after the other. */
// First, so that no module keeps a real timer.
import '../time/simulated-host.ts'
import { carryOut, type Order } from './verdict.ts'

const answer = (message: object): void => void (process.connected && process.send?.(message))

process.on('message', (order: Order) => {
  carryOut(order).then(
    verdict => answer({ verdict }),
    (error: unknown) => answer({ failed: error instanceof Error ? error.stack : String(error) }),
  )
})
