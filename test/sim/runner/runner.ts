/** A process that runs worlds for `npm run sim`, one after the other. */
// First, so that no module keeps a real timer.
import '../time/simulated-host.ts'
import { carryOut, type Order } from './verdict.ts'

process.on('message', (order: Order) => {
  carryOut(order).then(
    verdict => process.send?.({ verdict }),
    (error: unknown) => process.send?.({ failed: error instanceof Error ? error.stack : String(error) }),
  )
})
