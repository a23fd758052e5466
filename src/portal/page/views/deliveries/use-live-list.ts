import { useEffect, useRef, useState } from 'preact/hooks'
import { get, ofTenant } from '../../api/client.ts'
import type { Delivery, Page } from '../../api/shapes.ts'
import { useLive } from '../../hooks/use-live.ts'
import type { Pages } from '../../hooks/use-pages.ts'
import { type apiQuery, isWanted } from './delivery-query.ts'

/** A list of deliveries that stays up to date. */
export interface LiveList {
  readonly isLive: boolean
  /** How many deliveries have arrived that are not shown yet, because the reader is reading. */
  readonly waiting: number
  /** More have arrived than are kept here, so the list must be read again. */
  readonly hasGap: boolean
  /** Shows the waiting deliveries. */
  readonly show: () => void
  /** Ids of the rows that arrived while the list was shown. */
  readonly fresh: ReadonlySet<string>
}

type Query = ReturnType<typeof apiQuery>

const keptRows = 200
/** Arrivals are shown a few times a second. In a burst, each update reads the list again, so they are less frequent. */
const gatherMs = 250
const burstMs = 2_000

/**
 * Follows the deliveries that match `query`. A shown row changes in place. A new row is inserted at the top if `mayMove` allows it, and waits otherwise.
 * What changed before the stream was open, or while it was interrupted, is read from the first page and handled in the same way.
 */
export const useLiveList = (pages: Pages<Delivery>, query: Query, mayMove: () => boolean): LiveList => {
  const [held, setHeld] = useState<{ rows: readonly Delivery[]; hasGap: boolean }>(nothing)
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set())
  const arrived = useRef(new Map<string, Delivery>())
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const waitMs = useRef(gatherMs)
  const wanted = JSON.stringify(query)

  const receive = (row: Delivery) => {
    arrived.current.set(row.id, row)
    timer.current ??= setTimeout(() => latest.current(), waitMs.current)
  }
  const take = () => {
    timer.current = pages.items === null ? setTimeout(() => latest.current(), gatherMs) : null
    if (pages.items === null) return
    const { changed, added } = sorted([...arrived.current.values()], pages, query)
    arrived.current.clear()
    if (changed.size > 0) pages.change(items => items.map(item => later(item, changed.get(item.id))))
    if (added.length === 0) return
    const all = newestFirst([...held.rows, ...added])
    const isTooMuch = held.hasGap || all.length > keptRows
    waitMs.current = isTooMuch ? burstMs : gatherMs
    if (isTooMuch && mayMove()) {
      setHeld(nothing)
      pages.reload()
    } else if (isTooMuch) setHeld({ rows: [], hasGap: true })
    else if (held.rows.length === 0 && mayMove()) insert(all, pages, setFresh)
    else setHeld({ rows: all, hasGap: false })
  }
  // A timer must run the function of the latest rendering, which sees the latest state.
  const latest = useRef(take)
  latest.current = take

  const isLive = useLive({ ...(query.subscriptionId && { subscriptionId: query.subscriptionId }), onDelivery: receive })
  useEffect(() => {
    setHeld(nothing)
    setFresh(new Set())
    return () => {
      arrived.current.clear()
      if (timer.current !== null) clearTimeout(timer.current)
      timer.current = null
    }
  }, [wanted])
  useEffect(() => {
    const controller = new AbortController()
    const catchUp = async () => {
      const { items } = await get<Page<Delivery>>(ofTenant('/deliveries'), { query, signal: controller.signal })
      const shown = pages.items ?? []
      const isApart = items.length > 0 && shown.length > 0 && !items.some(({ id }) => shown.some(one => one.id === id))
      if (isApart) setHeld({ rows: [], hasGap: true })
      else items.forEach(receive)
    }
    // If this read fails, the next one is made when the stream opens again.
    if (isLive) catchUp().catch(() => undefined)
    return () => controller.abort()
  }, [isLive])

  return {
    isLive,
    waiting: held.rows.length,
    hasGap: held.hasGap,
    fresh,
    show: () => {
      if (held.hasGap) pages.reload()
      else insert(held.rows, pages, setFresh)
      setHeld(nothing)
    },
  }
}

const nothing = { rows: [], hasGap: false }

/** Divides arrivals into changes of shown rows and new rows. A row below the last one that has been read is neither. */
const sorted = (rows: readonly Delivery[], { items, hasMore }: Pages<Delivery>, query: Query) => {
  const shown = new Set(items?.map(({ id }) => id))
  const last = items?.at(-1)
  const changed = new Map(rows.filter(({ id }) => shown.has(id)).map(row => [row.id, row]))
  const added = rows.filter(
    row => !shown.has(row.id) && isWanted(row, query) && (!hasMore || last === undefined || byAge(row, last) < 0),
  )
  return { changed, added }
}

const insert = (
  rows: readonly Delivery[],
  pages: Pages<Delivery>,
  setFresh: (ids: ReadonlySet<string>) => void,
): void => {
  setFresh(new Set(rows.map(({ id }) => id)))
  pages.change(items => newestFirst([...items, ...rows]))
}

/** The later of two states of a row: what was read from the list may be older than what arrived on the stream. */
const later = (shown: Delivery, arrived: Delivery | undefined): Delivery =>
  arrived !== undefined && arrived.updatedAt >= shown.updatedAt ? arrived : shown

/** Sorts as the API does. Of two states of one row the later one in `rows` stays. */
const newestFirst = (rows: readonly Delivery[]): readonly Delivery[] =>
  [...new Map(rows.map(row => [row.id, row])).values()].toSorted(byAge)

const byAge = (one: Delivery, other: Delivery): number =>
  compare(other.createdAt, one.createdAt) || compare(other.id, one.id)

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other))
