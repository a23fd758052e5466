import { finalize, ignoreElements, Subscription as Listening } from 'rxjs'
import { type Candidate, runReplay } from '../../actors/replay/replay.ts'
import type { Patience } from '../../actors/kit/patiently.ts'
import type { Log } from '../../observability/log.ts'
import type { Replay } from '../domain/replay.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Replays of the tenants of this process. */
export interface Replays {
  /** Starts the replays that run according to the ledger and not yet here. */
  look(): Promise<void>
  stop(): void
}

export interface ReplayParts {
  readonly ledger: Pick<Ledger, 'replays'>
  readonly log: Pick<Log, 'info' | 'error'>
  readonly candidates: (replay: Replay, limit: number) => Promise<readonly Candidate[]>
  readonly owns: (tenant: string) => boolean
  readonly wake: (subscriptionId: string) => void
  readonly patience: Patience
}

export const createReplays = ({ ledger, log, candidates, owns, wake, patience }: ReplayParts): Replays => {
  const running = new Set<string>()
  const all = new Listening()
  const run = runReplay({
    next: candidates,
    advance: ledger.replays.advance,
    afterCancel: replay => ledger.replays.afterCancel(replay, Date.now()),
    wake,
    isOurs: ({ tenant }) => owns(tenant),
    patience,
    now: () => Date.now(),
  })
  const start = (replay: Replay) => {
    if (running.has(replay.id) || !owns(replay.tenant)) return
    running.add(replay.id)
    const { id: replayId, subscriptionId, tenant } = replay
    log.info({ replayId, subscriptionId, tenant, total: replay.total }, 'replay runs')
    const work$ = run(replay).pipe(
      ignoreElements(),
      finalize(() => running.delete(replayId)),
    )
    const onFault = (error: unknown) => {
      const remedy = 'a defect: report it with this line; the replay continues in 30 s'
      log.error({ err: error, replayId, subscriptionId, remedy }, 'a replay failed')
    }
    all.add(work$.subscribe({ error: onFault }))
  }
  return {
    look: async () => (await ledger.replays.running()).forEach(start),
    stop: () => all.unsubscribe(),
  }
}
