import test from 'ava'
import { createBusiestCounts, places } from './busiest-counts.ts'

const minute = 60_000
const hour = 60 * minute

const counting = () => {
  let now = 0
  const counts = createBusiestCounts<{ count: number }>(() => now)
  const of = (id: string) => counts.of(id, () => ({ count: 0 }))
  return {
    ...counts,
    of,
    at: (moment: number) => void (now = moment),
    use: (id: string, times = 1) => {
      for (let time = 0; time < times; time += 1) {
        const own = of(id)
        if (own !== null) own.count += 1
      }
    },
    ids: () => [...counts.entries()].map(([id]) => id),
  }
}
const fill = ({ use }: ReturnType<typeof counting>, times: number, from = 0) => {
  for (let id = from; id < places; id += 1) use(`sub_${id}`, times)
}

test('beyond 500 ids a new one has no count, and one that was idle for an hour makes room', t => {
  const counts = counting()
  fill(counts, 1)
  t.is(counts.ids().length, 500)
  t.is(counts.of('sub_500'), null)
  t.false(counts.has('sub_500'))
  t.true(counts.has('sub_499'))
  counts.at(hour - 1)
  counts.use('sub_7')
  counts.at(hour + 1)
  t.deepEqual([...counts.entries()], [['sub_7', { count: 2 }]])
  counts.use('sub_599')
  t.deepEqual([...counts.entries()][1], ['sub_599', { count: 1 }])
})

test('a busier id takes the place of the least busy one within a minute, and counts from nought', t => {
  const counts = counting()
  fill(counts, 20, 1)
  counts.use('sub_0', 2)
  counts.use('busy', 15)
  t.false(counts.has('busy'), 'one place a minute is enough: nothing is sorted for each use')
  counts.at(minute)
  counts.use('busy', 3)
  t.true(counts.has('busy'))
  t.false(counts.has('sub_0'))
  t.deepEqual([...counts.entries()].find(([id]) => id === 'busy')?.[1], { count: 3 })
  t.is(counts.ids().length, 500)
})

test('ids that are about as busy do not take each other’s places', t => {
  const counts = counting()
  fill(counts, 10)
  const before = counts.ids()
  for (let id = 500; id < 1_000; id += 1) counts.use(`sub_${id}`, 30)
  counts.at(minute)
  counts.use('sub_500')
  t.deepEqual(counts.ids().slice(0, 499), before.slice(0, 499), 'only 31 > 2 · 10 + 10 is clearly busier')
})

test('what was busy hours ago gives way to what is busy now', t => {
  const counts = counting()
  fill(counts, 1_000)
  for (let hours = 1; hours <= 8; hours += 1) {
    counts.at(hours * hour)
    fill(counts, 1)
  }
  counts.use('sub_new', 40)
  counts.at(8 * hour + minute)
  counts.use('sub_new')
  t.true(counts.has('sub_new'))
})

test('a hundred thousand ids keep no more than the limit in memory', t => {
  const counts = counting()
  for (let id = 0; id < 100_000; id += 1) counts.use(`sub_${id}`)
  t.is(counts.ids().length, 500)
  t.is(counts.of('sub_99999'), null)
})
