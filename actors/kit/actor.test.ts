import test from 'ava'
import { delay, EMPTY, finalize, mergeMap, NEVER, type Observable, of, throwError } from 'rxjs'
import { settled, virtualTime } from '../../test/support/virtual-time.ts'
import { type ActorSpec, spawn } from './actor.ts'
import { restartOnFault } from './supervision.ts'

type Message = 'count' | 'fail' | 'fail in effect' | 'ask' | 'ask slowly' | 'asked' | 'end'
interface State {
  readonly count: number
  readonly ended: boolean
}
const zero: State = { count: 0, ended: false }
const fault = new Error('on request')

/** An actor that counts its messages and fails on request. `seen` holds the count after each message. */
const counter = (change: Partial<ActorSpec<State, Message, Message>> = {}) => {
  const seen: number[] = []
  const faults: unknown[] = []
  const spec: ActorSpec<State, Message, Message> = {
    name: 'counter',
    begin: () => [{ state: zero }],
    behaviour: (state, message) => {
      if (message === 'fail') throw fault
      const next = { count: state.count + 1, ended: message === 'end' }
      seen.push(next.count)
      return { state: next, effects: message === 'count' || message === 'asked' ? [] : [message] }
    },
    perform: (effects$: Observable<Message>) =>
      effects$.pipe(
        mergeMap(effect => {
          if (effect === 'ask') return of('asked' as const)
          if (effect === 'ask slowly') return of('asked' as const).pipe(delay(50))
          return effect === 'fail in effect' ? throwError(() => fault) : EMPTY
        }),
      ),
    isDone: state => state.ended,
    capacity: 3,
    clock: () => ({ now: 0, chance: 0 }),
    supervision: restartOnFault,
    onFault: (error, directive) => void faults.push(error, directive),
    ...change,
  }
  return { actor: spawn(spec), seen, faults }
}
const always = (directive: 'resume' | 'stop' | 'escalate') => ({ ...restartOnFault, directiveFor: () => directive })

test('messages are processed one at a time, and an effect answers with a message', async t => {
  const { actor, seen } = counter()
  t.is(actor.name, 'counter')
  t.true(actor.tell('count'))
  actor.tell('ask')
  actor.tell('end')
  await actor.ended
  t.deepEqual(seen, [1, 2, 3, 4])
  t.false(actor.tell('count'), 'an actor that has ended accepts no message')
})

test('a decision is made on the moment of its message', t => {
  const moments: unknown[] = []
  let now = 0
  const { actor } = counter({
    clock: () => ({ now: (now += 5), chance: 0.25 }),
    behaviour: (state, _, moment) => (moments.push(moment), { state, effects: [] }),
  })
  actor.tell('count')
  actor.tell('count')
  t.deepEqual(moments, [
    { now: 5, chance: 0.25 },
    { now: 10, chance: 0.25 },
  ])
  actor.kill()
})

test('the first messages of a life come before those that wait, and performers are ready for their effects', async t => {
  const order: string[] = []
  const begun = Promise.withResolvers<{ state: State; first: readonly Message[] }>()
  const { actor } = counter({
    begin: () => begun.promise,
    behaviour: (state, message) => {
      order.push(message)
      return { state: { ...state, ended: message === 'end' }, effects: message === 'ask' ? [message] : [] }
    },
  })
  actor.tell('end')
  begun.resolve({ state: zero, first: ['ask', 'count'] })
  await actor.ended
  t.deepEqual(order, ['ask', 'count', 'end'])
})

test.serial('the last effects are still performed, and the actor ends when all have', async t => {
  const time = virtualTime(t)
  const performed: string[] = []
  const { actor } = counter({
    perform: effects$ =>
      effects$.pipe(
        mergeMap(effect => {
          performed.push(effect)
          return of('asked' as const).pipe(delay(50))
        }),
      ),
  })
  let over = false
  void actor.ended.then(() => (over = true))
  actor.tell('end')
  t.deepEqual(performed, ['end'])
  await time.pass(49)
  t.false(over)
  await time.pass(1)
  t.true(over)
})

test.serial(
  'after a fault the actor restarts from stored state in a tenth of a second, and processes the messages that wait',
  async t => {
    const time = virtualTime(t)
    let stored = 10
    const { actor, seen, faults } = counter({ begin: async () => ({ state: { ...zero, count: (stored += 10) } }) })
    await settled()
    actor.tell('count')
    actor.tell('fail')
    t.true(actor.tell('count'), 'the mailbox accepts messages during the restart')
    t.is(actor.depth(), 1)
    await time.pass(99)
    t.deepEqual(seen, [21])
    await time.pass(1)
    t.deepEqual(seen, [21, 31])
    t.deepEqual(faults, [fault, 'restart'])
    actor.kill()
  },
)

test.serial('a state that cannot be read is tried again', async t => {
  const time = virtualTime(t)
  let tries = 0
  const { actor, seen, faults } = counter({
    begin: () => ((tries += 1) < 3 ? throwError(() => fault) : [{ state: zero }]),
  })
  actor.tell('count')
  await time.pass(200)
  t.deepEqual(seen, [1])
  t.deepEqual(faults, [fault, 'restart', fault, 'restart'])
  actor.kill()
})

test('a full mailbox refuses a message, and still takes the answer of an effect', t => {
  const accepted: boolean[] = []
  const { actor, seen } = counter({
    capacity: 1,
    perform: effects$ =>
      effects$.pipe(
        mergeMap(() => {
          accepted.push(actor.tell('count'), actor.tell('count'))
          return of('asked' as const)
        }),
      ),
  })
  actor.tell('ask')
  t.deepEqual(accepted, [true, false])
  t.deepEqual(seen, [1, 2, 3])
  actor.kill()
})

test('a full mailbox refuses messages during a restart', t => {
  const { actor } = counter()
  actor.tell('fail')
  t.deepEqual(
    [actor.tell('count'), actor.tell('count'), actor.tell('count'), actor.tell('count')],
    [true, true, true, false],
  )
  actor.kill()
})

test('resume keeps the state from before the fault', async t => {
  const { actor, seen, faults } = counter({ supervision: always('resume') })
  actor.tell('ask')
  actor.tell('fail')
  actor.tell('end')
  await actor.ended
  t.deepEqual(seen, [1, 2, 3], 'and the effects of the earlier message are not repeated')
  t.deepEqual(faults, [fault, 'resume'])
})

test.serial('a performer that fails cannot resume: the actor restarts', async t => {
  const time = virtualTime(t)
  const { actor, seen, faults } = counter({ supervision: always('resume') })
  actor.tell('fail in effect')
  await time.pass(100)
  actor.tell('count')
  t.deepEqual(seen, [1, 1])
  t.deepEqual(faults, [fault, 'resume'])
  actor.kill()
})

test('a fault that stops the actor ends it in order, and one that escalates rejects with the fault', async t => {
  for (const message of ['fail', 'fail in effect'] as const) {
    const stopped = counter({ supervision: always('stop') })
    stopped.actor.tell(message)
    await stopped.actor.ended
    t.deepEqual(stopped.faults, [fault, 'stop'])
    const escalated = counter({ supervision: always('escalate') })
    escalated.actor.tell(message)
    t.is(await t.throwsAsync(escalated.actor.ended), fault)
    t.deepEqual(escalated.faults, [fault, 'escalate'])
  }
})

test.serial(
  'a restart beyond the budget escalates to the caller that awaits the end; faults of weeks do not',
  async t => {
    const time = virtualTime(t)
    const budget = { maxRestarts: 1, withinMs: 1_000 }
    const faultsAfter = async (pauseMs: number) => {
      let now = 0
      const { actor, faults } = counter({
        supervision: { ...restartOnFault, budget },
        clock: () => ({ now, chance: 0 }),
      })
      const ended = actor.ended.then(
        () => 'ended',
        error => error,
      )
      for (let n = 0; n < 4 && actor.tell('fail'); n += 1) {
        await time.pass(100)
        now += pauseMs
      }
      actor.kill()
      return [faults.filter(each => each !== fault), await ended]
    }
    t.deepEqual(await faultsAfter(999), [['restart', 'escalate'], fault])
    t.deepEqual(await faultsAfter(1_000), [['restart', 'restart', 'restart', 'restart'], 'ended'])
  },
)

test('kill ends an actor at once, also twice, and lets go of its performers', async t => {
  let performing = true
  const { actor } = counter({ perform: () => NEVER.pipe(finalize(() => (performing = false))) })
  actor.kill()
  actor.kill()
  await t.notThrowsAsync(actor.ended)
  t.false(performing)
  t.false(actor.tell('count'))
})
