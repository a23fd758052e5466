import type { StreamConfig } from '@nats-io/jetstream'
import test from 'ava'
import { closedMapping, mappingTo, metadataOfChange, readMapping } from './mapping.ts'

const names = { stream: 'VISITS', root: 'visits' }
const open = mappingTo(names, 8)
const read = (config: object) => readMapping(names, config as StreamConfig)
const changedAt = Date.parse('2026-03-02T09:00:00.123Z')

for (const [title, config, expected] of [
  ['a new stream', open, { partitions: 8, isOpen: true, since: 0, before: null }],
  [
    'a stream that was changed',
    { ...open, metadata: { other: 'x', ...metadataOfChange(41, 16, changedAt) } },
    { partitions: 8, isOpen: true, since: 41, before: { partitions: 16, changedAt } },
  ],
  ['a closed stream', { ...open, ...closedMapping(names) }, { partitions: 8, isOpen: false, since: 0, before: null }],
  [
    'a stream with more subjects',
    { ...open, subjects: [...open.subjects, 'other'] },
    { partitions: 8, isOpen: false, since: 0, before: null },
  ],
  [
    'a mapping of another product',
    { ...open, subject_transform: { src: '>', dest: 'visits.{{partition(8,1)}}.>' } },
    { partitions: null, isOpen: true, since: 0, before: null },
  ],
  ['no mapping', { subjects: ['visits.>'] }, { partitions: null, isOpen: false, since: 0, before: null }],
] as const)
  test(`the number of partitions is read from the stream itself: ${title}`, t => {
    t.deepEqual(read(config), expected)
  })

test('a closed stream accepts no subject under which events are published', t => {
  t.deepEqual(closedMapping(names), { subjects: ['visits_closed'] })
})

test('the record of a change has the names and the form that earlier versions wrote', t => {
  t.deepEqual(metadataOfChange(41, 16, changedAt), {
    doorbell_partitions_since: '41',
    doorbell_partitions_before: '16',
    doorbell_partitions_changed_at: '2026-03-02T09:00:00.123Z',
  })
})
