import test from 'ava'
import type { Msg, MsgCallback, NatsConnection } from 'nats'
import { connectProcess, freshNames } from '../../test/support/test-stream.ts'
import { createSignals } from './signals.ts'

test('a signal reaches every subscriber, in this process and in others, and no other stream’s', async t => {
  const names = freshNames()
  const [mine, other, foreign] = [
    await connectProcess(t, { names }),
    await connectProcess(t, { names }),
    await connectProcess(t),
  ]
  const heard: string[][] = [[], [], [], []]
  for (const [index, { streams }] of [mine, mine, other, foreign].entries())
    streams.wakes$.subscribe(id => void heard[index]?.push(id))
  await Promise.all([mine, other, foreign].map(({ streams }) => streams.ping()))
  mine.streams.wake('sub_1')
  await mine.streams.ping()
  other.streams.wake('rep_2')
  for (const { streams } of [other, mine, other, foreign]) await streams.ping()
  t.deepEqual(heard, [['sub_1', 'rep_2'], ['sub_1', 'rep_2'], ['sub_1', 'rep_2'], []])
})

test('a process has one subscription for all who wait for signals, and ends it with the last of them', t => {
  const open = new Set<MsgCallback<Msg>>()
  const connection = {
    subscribe: (_: string, { callback }: { callback: MsgCallback<Msg> }) => {
      open.add(callback)
      return { unsubscribe: () => open.delete(callback) }
    },
  } as unknown as NatsConnection
  const { wakes$ } = createSignals(connection, { stream: 'VISITS', root: 'visits' })
  const heard: string[] = []
  const following = ['a', 'b'].map(name => wakes$.subscribe(id => heard.push(`${name} ${id}`)))
  t.is(open.size, 1)
  const [callback] = open
  void callback?.(new Error('permissions'), {} as Msg)
  void callback?.(null, { subject: 'visits_wake.sub_1' } as Msg)
  t.deepEqual(heard, ['a sub_1', 'b sub_1'])
  following[0]?.unsubscribe()
  t.is(open.size, 1)
  following[1]?.unsubscribe()
  t.is(open.size, 0)
})

test('a signal over a closed connection is lost without a fault', async t => {
  const { streams } = await connectProcess(t)
  await streams.close()
  t.notThrows(() => streams.wake('sub_1'))
})
