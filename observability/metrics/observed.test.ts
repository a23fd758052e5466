import test from 'ava'
import { observed, observeValue, onCollect } from './observed.ts'

const gauge = (name: string) => ({ name, kind: 'gauge', unit: '1', meaning: 'Of a test', attributes: [] }) as const

const pointsOf = async (name: string) => {
  const { resourceMetrics } = await observed.collect()
  const found = resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .find(each => each.descriptor.name === name)
  return found?.dataPoints.map(({ attributes, value }) => [attributes, value])
}

test('a series that is no longer reported is gone: no process reports a partition that another worker owns', async t => {
  const partitions = new Map([
    ['0', 3],
    ['1', 4],
  ])
  onCollect(observe => partitions.forEach((value, partition) => observe(gauge('test.partition'), value, { partition })))
  t.deepEqual(await pointsOf('test.partition'), [
    [{ partition: '0' }, 3],
    [{ partition: '1' }, 4],
  ])
  partitions.delete('1')
  t.deepEqual(await pointsOf('test.partition'), [[{ partition: '0' }, 3]])
})

test('a value that does not exist is not reported, and a read that fails spoils no other', async t => {
  observeValue(gauge('test.nothing'), () => null)
  onCollect(() => Promise.reject(new Error('away')))
  observeValue(gauge('test.something'), () => 7)
  t.is(await pointsOf('test.nothing'), undefined)
  t.deepEqual(await pointsOf('test.something'), [[{}, 7]])
})
