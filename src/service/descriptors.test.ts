import test from 'ava'
import { attemptLimit, loggedDescriptorLimit } from './descriptors.ts'

test('attempts get half of the descriptors, and at most 16,384', t => {
  t.is(attemptLimit(1_024), 512)
  t.is(attemptLimit(1), 1)
  t.is(attemptLimit(32_767), 16_383)
  t.is(attemptLimit(1_048_576), 16_384)
  t.is(attemptLimit(null), 16_384)
})

test('the start logs the limit, and below 4,096 how to raise it', t => {
  const lines: unknown[] = []
  const log = {
    info: (...line: unknown[]) => void lines.push(['info', ...line]),
    warn: (...line: unknown[]) => void lines.push(['warn', ...line]),
  }
  t.is(loggedDescriptorLimit(log, 4_096), 4_096)
  t.is(loggedDescriptorLimit(log, null), null)
  t.is(loggedDescriptorLimit(log, 4_095), 4_095)
  t.deepEqual(lines.slice(0, 2), [
    ['info', { limit: 4_096, attempts: 2_048 }, 'file descriptors'],
    ['info', { limit: null, attempts: 16_384 }, 'file descriptors'],
  ])
  t.like(lines[2], ['warn', { limit: 4_095, attempts: 2_047 }])
  t.regex(JSON.stringify(lines[2]), /ulimit -n 65536.*LimitNOFILE.*few file descriptors/)
})
