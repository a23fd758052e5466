import { mock } from 'node:test'
import test from 'ava'
import { NEVER, startWith, Subject, throwError } from 'rxjs'
import { allThere, fakeParts } from '../../test/support/fake-parts.ts'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { Failure } from '../domain/failure.ts'
import type { Leases } from '../streams/leases.ts'
import { joinFleet } from './join-fleet.ts'
import { createOwnedPartitions } from './owned-partitions.ts'
import { leaseMs } from './stream-limits.ts'

test.serial.beforeEach(() => mock.timers.enable({ apis: ['Date', 'setInterval'] }))
test.serial.afterEach.always(() => mock.timers.reset())
const settled = async () => {
  for (let turn = 0; turn < 40; turn += 1) {
    mock.timers.tick(0)
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** Joins a fleet of one with two partitions. */
const join = async (
  answers: Readonly<Record<string, unknown>> = {},
  leaseAnswers: Readonly<Record<string, unknown>> = {},
) => {
  let worker = ''
  const leases = fakePorts<Leases>({
    beat: async (name: string) => void (worker = name),
    workers: async () => [worker],
    take: async (partition: number) => ({ partition, revision: 1 }),
    renew: async (lease: object) => lease,
    changes$: NEVER,
    ...leaseAnswers,
  })
  const fake = fakeParts(
    {
      'streams.leases': async () => leases.ports,
      'streams.feed': () => {
        const messages$ = new Subject()
        return { messages$, nothingInHand: new Promise(() => undefined), stop: async () => messages$.complete() }
      },
      'directory.changes$': NEVER,
      ...answers,
    },
    { partitions: 2, replicas: 3 },
  )
  const owned = createOwnedPartitions(2)
  const opened: number[] = []
  const joining = joinFleet(fake.ports, owned, number => opened.push(number), allThere)
  return { ...fake, leases, owned, opened, joining, worker: () => worker }
}

test.serial(
  'a worker registers before it checks the number of partitions, and then opens those that fall to it',
  async t => {
    const { joining, leases, of, owned, opened, lines, worker } = await join()
    const fleet = await joining
    t.deepEqual(of('streams.leases'), [[{ leaseMs, replicas: 3 }]])
    t.deepEqual(of('streams.assertPartitions'), [[2]])
    t.regex(worker(), /^[0-9A-Z]{26}-e$/)
    t.deepEqual(leases.calls[0], ['beat', worker()])
    await settled()
    await fleet.ready
    t.deepEqual(
      [owned.numbers(), opened],
      [
        [0, 1],
        [0, 1],
      ],
    )
    t.deepEqual(
      of('streams.feed').map(([number]) => number),
      [0, 1],
    )
    t.deepEqual(lines, [['info', { partitions: [0, 1], workers: 1 }, 'partitions changed']])
    mock.timers.tick(leaseMs / 2)
    await settled()
    t.true(leases.calls.filter(([path]) => path === 'renew').length >= 2, 'leases are renewed in time')

    const draining = fleet.drain()
    await settled()
    await draining
    t.deepEqual(owned.numbers(), [])
    t.deepEqual(
      leases.calls.filter(([path]) => path === 'leave'),
      [['leave', worker()]],
    )
  },
)

test.serial(
  'a worker with another number of partitions than the stream does not join, and does not stay registered',
  async t => {
    const other = new Failure('invalid_settings', 'set DOORBELL_PARTITIONS=4')
    const { joining, leases, opened, worker, of } = await join({
      'streams.assertPartitions': () => Promise.reject(other),
    })
    await t.throwsAsync(joining, { is: other })
    t.deepEqual(leases.calls, [
      ['beat', worker()],
      ['leave', worker()],
    ])
    t.deepEqual([opened, of('streams.feed')], [[], []])
  },
)

test.serial(
  'the worker is registered before the number of partitions is checked, and left before the start fails',
  async t => {
    const steps: string[] = []
    const step = (name: string) => async () => {
      steps.push(name)
      await new Promise(resolve => setImmediate(resolve))
      steps.push(`${name} done`)
    }
    const { joining } = await join(
      {
        'streams.assertPartitions': async () => {
          steps.push('check')
          throw new Error('changed')
        },
      },
      { beat: step('beat'), leave: step('leave') },
    )
    await t.throwsAsync(joining)
    t.deepEqual(steps, ['beat', 'beat done', 'check', 'leave', 'leave done'])
  },
)

test.serial(
  'a partition whose drain fails is given up all the same, and leases that cannot be read are logged',
  async t => {
    const away = new Error('away')
    const stop = () => Promise.reject(away)
    const { joining, owned, lines } = await join({
      'streams.feed': () => ({ messages$: new Subject(), nothingInHand: new Promise(() => undefined), stop }),
    })
    const fleet = await joining
    await settled()
    t.deepEqual(owned.numbers(), [0, 1])
    const draining = fleet.drain()
    await settled()
    await draining
    t.deepEqual(owned.numbers(), [])
    const remedy = 'check NATS; Doorbell gives up partitions when it cannot renew their leases'
    t.deepEqual(
      lines.find(([level]) => level === 'warn'),
      ['warn', { err: away, remedy }, 'the fleet’s leases could not be read or renewed'],
    )
  },
)

test.serial('a partition that keeps failing is paused: the process and its other partitions go on', async t => {
  const kill = mock.method(process, 'kill', () => true)
  t.teardown(() => kill.mock.restore())
  const others = new Subject()
  const message = { partition: 1, tenant: 'acme', type: 'visit.checked_in', sequence: 1, redeliveries: 0 }
  const { joining, of, lines, owned } = await join({
    'directory.ofTenant': () => {
      throw new TypeError('a defect')
    },
    'reader.message': () => ({ id: 'evt-1', tenant: 'acme', type: 'visit.checked_in' }),
    'streams.feed': (number: number) => ({
      messages$: number === 1 ? NEVER.pipe(startWith(message)) : others,
      nothingInHand: new Promise(() => undefined),
      stop: async () => undefined,
    }),
  })
  await joining
  for (let restart = 0; restart < 6; restart += 1) {
    await settled()
    mock.timers.tick(100)
  }
  await settled()
  t.deepEqual(of('paused.paused'), [[1, 30_000]])
  t.like(lines.at(-1)?.[1], { partition: 1, directive: 'pause', againInMs: 30_000 })
  t.deepEqual(owned.numbers(), [0, 1])
  t.true(others.observed)
  t.deepEqual(kill.mock.calls, [])
})

test.serial('a fleet that cannot be followed any more stops the process with exit code 1', async t => {
  const kill = mock.method(process, 'kill', () => true)
  t.teardown(() => kill.mock.restore())
  const defect = new TypeError('a defect')
  const { joining, lines } = await join({}, { changes$: throwError(() => defect) })
  await joining
  for (let restart = 0; restart < 7; restart += 1) {
    await settled()
    mock.timers.tick(100)
  }
  await settled()
  const remedy = 'a defect: report it with this line; start the process again if its platform does not'
  t.deepEqual(lines.at(-1), ['error', { err: defect, remedy }, 'the fleet cannot be followed: the process stops'])
  t.deepEqual(
    kill.mock.calls.map(call => call.arguments),
    [[process.pid, 'SIGTERM']],
  )
  t.is(process.exitCode, 1)
  process.exitCode = undefined
})
