/** Which subscriptions an event is meant for, by the order of the stream. Written here once more, on purpose: it judges the service's own rule. */
import type { Message } from '../world/servers.ts'
import type { Doc, Truth } from './truth.ts'

const matchesType = (pattern: string, type: string): boolean =>
  pattern === '*'
    ? type.startsWith('visit.')
    : pattern.endsWith('*')
      ? type.startsWith(pattern.slice(0, -1))
      : pattern === type

const wants = (doc: Doc, { type, event }: Message): boolean => {
  const { eventTypes, filter } = doc as { eventTypes: string[]; filter?: { site?: string[] } }
  const site = (event?.['data'] as { site?: string } | undefined)?.site ?? ''
  return (
    eventTypes.some(pattern => matchesType(pattern, type)) && (filter?.site === undefined || filter.site.includes(site))
  )
}

export interface Meant {
  /** It must have a row for this event. */
  readonly must: boolean
  /** It may have one. */
  readonly may: boolean
}

/**
 * Judges one subscription: a version counts for an event when it was reported in the stream before the event, unless a later one was. Between the
 * moment when a version is stored and the moment when it is reported, either may count.
 */
export const meant = (truth: Truth, id: string, message: Message): Meant => {
  const versions = truth.versions.get(id) ?? []
  const first = versions[0]?.doc
  if (first === undefined || first === null || first['tenant'] !== message.tenant) return { must: false, may: false }
  const created = first['createdSequence']
  if (typeof created === 'number' && message.sequence <= created) return { must: false, may: false }
  const reports = (truth.configured.get(id) ?? []).filter(({ sequence }) => sequence < message.sequence)
  const wasDeleted = versions.at(-1)?.doc === null
  const reported = Math.max(0, ...reports.map(({ version }) => version ?? Infinity))
  const candidates = versions.filter(({ doc }) => doc !== null && (doc['version'] as number) >= reported)
  const may = candidates.some(({ doc }) => wants(doc as Doc, message))
  return {
    may,
    must:
      reported > 0 && !wasDeleted && candidates.length > 0 && candidates.every(({ doc }) => wants(doc as Doc, message)),
  }
}
