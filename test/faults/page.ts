import type { Outcome, Scenario } from './scenario.ts'

/** docs/faults.md, written by the suite. */
export const page = (scenarios: readonly Scenario[], outcomes: Readonly<Record<string, Outcome>>): string =>
  [
    '# Faults',
    '',
    'Written by `npm run test:faults`, which brings each fault about while check-ins are posted over 32 connections to one subscription',
    '(64 attempts in flight at most), on real nats-server and mongod processes. After each, `accepted = delivered + pending + held + dead +',
    'cancelled`, every event that was answered 202 has its row and was taken by the receiver at least once, and memory stayed below 1 GiB.',
    '"Accepted" counts 202 answers alone; a poster sends what was refused (503, or a connection that broke) again with the same id.',
    '',
    '| fault | expectation | events | result | figures |',
    '|---|---|---|---|---|',
    ...scenarios.flatMap(scenario => {
      const outcome = outcomes[scenario.name]
      return outcome === undefined ? [] : [line(scenario, outcome)]
    }),
    '',
    '**Doubled** deliveries were under way (posted, or answered and not yet written) when the process that had them died; `webhook-id` is',
    'the same, so a receiver that remembers ids takes them once. In normal life there are none.',
    '',
    '**The slowest** event counts from the healing to its first arrival, and from its 202 if that came later. **The longest silence** is the',
    'longest time after the healing in which nothing arrived.',
    '',
    '**The power cut** is imitated, since killing a process leaves what it wrote in the operating system’s hands: nats-server runs under',
    'strace, each message file is cut back to what had been written when its last completed fsync began, its index is removed, and the',
    'server starts on the rest. It shows that nothing was answered 202 before its flush; whether a disk keeps what it was told to flush is',
    'the disk’s matter. Other files (the stream’s description, consumers’ places) are left as they were.',
    '',
  ].join('\n')

const line = ({ fault, expectation }: Scenario, { count, result, figures, fault: why }: Outcome): string =>
  `| ${fault} | ${expectation} | ${count} | ${result} | ${figures === null ? why : text(figures)} |`

const text = (figures: NonNullable<Outcome['figures']>): string =>
  Object.entries(figures)
    .filter(([name]) => name !== 'accepted')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
