import { errors } from 'nats'
import type { Requirement } from '../domain/requirement.ts'
import { broken } from './needs/deviation.ts'
import { refusalOf } from './start-faults.ts'

/** A client repeats a pull that was refused within half a minute. */
const countsForMs = 120_000

/** Without these a worker gets no event, or gets it again and again. */
const delivers = /^\$JS\.(ACK\.|API\.CONSUMER\.MSG\.NEXT\.)/

/**
 * What the user in NATS was recently refused. The server refuses a message without an answer to it: a pull that is not allowed looks like a partition
 * without events.
 */
export const createPermissions = (now: () => number) => {
  const refusals = new Map<string, { readonly why: string; readonly at: number }>()
  return {
    /** Takes an error of the connection. Returns true if it is a refusal that was not known. */
    note: (error: unknown): boolean => {
      if (!(error instanceof errors.PermissionViolationError)) return false
      // The last part names a consumer or an inbox: one entry for all of them.
      const subject = error.subject.replace(/\.[^.]*$/, '.*')
      const isNew = !refusals.has(subject)
      refusals.set(subject, { why: refusalOf(error) ?? '', at: now() })
      return isNew
    },
    requirement: {
      name: 'permissions',
      check: async () => {
        for (const [subject, { at }] of refusals) if (now() - at > countsForMs) refusals.delete(subject)
        return [...refusals].map(([subject, { why }]) => {
          const promise = 'Events are accepted and delivered.'
          const refusesEvents = delivers.test(subject)
          return broken(`permission for ${subject}`, { difference: 'is missing', promise, refusesEvents }, why)
        })
      },
    } satisfies Requirement,
  }
}
