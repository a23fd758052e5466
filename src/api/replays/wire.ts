import { Type } from 'typebox'
import { type Replay, replaySelections } from '../../domain/replay.ts'
import { closed, count, iso, isoIf, maybe, moment, type Wire } from '../http/wire.ts'

const ofTheOpened = maybe(count('Of the opened ones'))

export const replayAnswer = Type.Object(
  {
    id: Type.String(),
    subscriptionId: Type.String(),
    from: moment('Deliveries from this time on'),
    to: moment('and before this time'),
    status: Type.Enum([...replaySelections]),
    perSecond: Type.Number(),
    state: Type.Enum(['running', 'done', 'cancelled']),
    total: count('Deliveries to replay, counted at the start'),
    opened: count('Opened so far'),
    skipped: count('Left out, as their content is no longer kept'),
    createdAt: moment('When it was started'),
    finishedAt: maybe(moment('When the last one was opened')),
    delivered: ofTheOpened,
    waiting: ofTheOpened,
    dead: ofTheOpened,
    cancelled: ofTheOpened,
  },
  { ...closed, title: 'Replay' },
)

export const showReplay = (replay: Replay): Wire<typeof replayAnswer> => ({
  ...replay,
  from: iso(replay.from),
  to: iso(replay.to),
  status: replay.selection,
  createdAt: iso(replay.createdAt),
  finishedAt: isoIf(replay.finishedAt),
})
