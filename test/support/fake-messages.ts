import type { VisitEvent } from '../../src/domain/event.ts'
import type { VisitMessage } from '../../src/domain/visit-message.ts'

export const anEvent = (id: string, change: Partial<VisitEvent> = {}): VisitEvent => ({
  id,
  type: 'visit.checked_in',
  timestamp: '2026-03-02T09:30:00Z',
  tenant: 'acme',
  visitId: 'visit-1',
  data: { host: { id: 'h-1' } },
  ...change,
})

/** A message of the stream whose endings and extensions go to `log` as lines like `ack 7`. */
export const aMessage = (
  sequence: number,
  log: (line: string) => void,
  change: Partial<VisitMessage> = {},
): VisitMessage => ({
  partition: 3,
  tenant: 'acme',
  type: 'visit.checked_in',
  sequence,
  at: 5_000 + sequence,
  caughtUp: false,
  redeliveries: 0,
  traceparent: null,
  text: () => '{}',
  rawBytes: new Uint8Array(),
  ack: () => log(`ack ${sequence}`),
  working: () => log(`working ${sequence}`),
  handBack: delayMs => log(`hand back ${sequence} for ${delayMs} ms`),
  discard: reason => log(`discard ${sequence}: ${reason}`),
  ...change,
})
