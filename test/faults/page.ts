import { whatOthersChange } from './others.ts'
import type { Outcome, Scenario } from './scenario.ts'

/** Returns the text of docs/faults.md. */
export const page = (scenarios: readonly Scenario[], outcomes: Readonly<Record<string, Outcome>>): string =>
  [
    '# Faults',
    '',
    '`npm run test:faults` writes this page. It causes each fault while check-ins are posted over 32 connections to one subscription (64',
    'attempts in flight at most), on real nats-server and mongod processes. After each fault, `accepted = delivered + pending + held + dead +',
    'cancelled`, every event that was answered 202 has its row, the receiver took it at least once, and memory stayed below 1 GiB.',
    '"Accepted" counts only 202 answers. The test posts an event again, with the same id, when it was refused or its connection broke.',
    '',
    '| fault | expectation | events | result | figures |',
    '|---|---|---|---|---|',
    ...scenarios.flatMap(scenario => {
      const outcome = outcomes[scenario.name]
      return outcome === undefined ? [] : [line(scenario, outcome)]
    }),
    '',
    '**Doubled** deliveries were under way (posted, or answered and not yet stored) when their process died. Their `webhook-id` is the',
    'same, so a receiver that remembers ids processes them once. Without a fault there are none.',
    '',
    '**The slowest** event is counted from the end of the fault to its first arrival, or from its 202 if that came later. **The longest',
    'silence** is the longest time after the end of the fault in which nothing arrived.',
    '',
    '**The power cut** is simulated, since a killed process loses nothing that the operating system already has: nats-server runs under',
    'strace, each message file is cut back to what had been written when its last completed fsync began, its index is removed, and the',
    'server starts on the rest. This shows that no event was answered 202 before its flush. Whether a disk keeps what it flushed depends on',
    'the disk. Other files (the stream’s configuration, the positions of consumers) stay as they were.',
    '',
    ...whatOthersChange(),
  ].join('\n')

const line = ({ fault, expectation }: Scenario, { count, result, figures, fault: why }: Outcome): string =>
  `| ${fault} | ${expectation} | ${count} | ${result} | ${figures === null ? why : text(figures)} |`

const text = (figures: NonNullable<Outcome['figures']>): string =>
  Object.entries(figures)
    .filter(([name]) => name !== 'accepted')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
