import { systemClock } from '../../actors/kit/clock.ts'
import type { SupervisorsPorts } from '../../actors/subscription/supervisors.ts'
import { disable } from '../jobs/disabling.ts'
import { announce } from './announce.ts'
import type { Parts } from './parts.ts'
import { createRecord } from './record.ts'
import { rememberHealth } from './remember-health.ts'

/** Connects the supervisors of one partition with the outside world. */
export const supervisorPorts = (parts: Parts): Omit<SupervisorsPorts, 'changes$'> => {
  const { ledger, directory, log, patience, send } = parts
  const now = () => Date.now()
  return {
    attempt: send,
    record: createRecord(parts),
    due: async (subscriptionId, limit) => {
      await directory.untilFresh()
      const at = now()
      const rows = await ledger.deliveries.due(subscriptionId, at, limit)
      return { rows, nextDueAt: rows.length < limit ? await ledger.deliveries.nextDueAt(subscriptionId, at) : at }
    },
    nextOfVisit: ledger.visitOrder.next,
    openVisits: ledger.visitOrder.openVisits,
    stored: async ({ id, ordering }) => ({
      health: await ledger.health.get(id),
      visits: ordering === 'visit' ? await ledger.visitOrder.openVisits(id) : null,
    }),
    remember: rememberHealth(parts),
    announce: announce(parts),
    disable: disable(parts),
    patience,
    now,
    byId: directory.byId,
    cancelAll: async id => {
      // A subscription that this process has not heard of yet is not a deleted one.
      if (await ledger.subscriptions.isStored(id)) return
      await ledger.deliveries.cancelAll(id, 'subscription_deleted', now())
      await ledger.health.forget(id)
    },
    clock: systemClock,
    onFault: (subscriptionId, fault, directive) => {
      const remedy = 'a defect: report it with this line'
      log.error({ err: fault, subscriptionId, directive, remedy }, 'a supervisor failed')
    },
  }
}
