import test from 'ava'
import { measured } from './cells.ts'
import { read, whenCollected } from './reads.ts'

const gauge = (name: string) => ({ name, kind: 'gauge', unit: '1', meaning: 'Of a test', attributes: [] }) as const

const pointsOf = async (name: string) => {
  const { resourceMetrics } = await measured.collect()
  const found = resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .find(each => each.descriptor.name === name)
  return found?.dataPoints.map(({ attributes, value }) => [attributes, value])
}

test('a series that is not told any more is gone: nobody tells of a partition that another worker has', async t => {
  const partitions = new Map([
    ['0', 3],
    ['1', 4],
  ])
  whenCollected(observe =>
    partitions.forEach((value, partition) => observe(gauge('test.partition'), value, { partition })),
  )
  t.deepEqual(await pointsOf('test.partition'), [
    [{ partition: '0' }, 3],
    [{ partition: '1' }, 4],
  ])
  partitions.delete('1')
  t.deepEqual(await pointsOf('test.partition'), [[{ partition: '0' }, 3]])
})

test('what has no value is not told, and a look that fails spoils no other', async t => {
  read(gauge('test.nothing'), () => null)
  whenCollected(() => Promise.reject(new Error('away')))
  read(gauge('test.something'), () => 7)
  t.is(await pointsOf('test.nothing'), undefined)
  t.deepEqual(await pointsOf('test.something'), [[{}, 7]])
})
