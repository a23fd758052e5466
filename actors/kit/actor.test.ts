import test from 'ava'
import { EMPTY, map, mergeMap, type Observable, of, throwError } from 'rxjs'
import { type ActorSpec, spawn } from './actor.ts'
import { restartOnFault } from './supervision.ts'

type Message = 'count' | 'fail' | 'fail in effect' | 'ask' | 'asked' | 'end'
interface State {
  readonly count: number
  readonly ended: boolean
}

/** An actor that counts its messages and fails on request. `seen` holds the count after each message. */
const counter = (change: Partial<ActorSpec<State, Message, Message>> = {}) => {
  const seen: number[] = []
  const faults: string[] = []
  const spec: ActorSpec<State, Message, Message> = {
    name: 'counter',
    begin: () => [{ state: { count: 0, ended: false } }],
    behaviour: (state, message) => {
      if (message === 'fail') throw new Error('on request')
      const next = { count: state.count + 1, ended: message === 'end' }
      seen.push(next.count)
      return { state: next, effects: message === 'ask' || message === 'fail in effect' ? [message] : [] }
    },
    perform: (effects$: Observable<Message>) =>
      effects$.pipe(
        mergeMap(effect => (effect === 'ask' ? of('asked' as const) : throwError(() => new Error('in effect')))),
      ),
    isDone: state => state.ended,
    capacity: 3,
    clock: () => ({ now: 0, chance: 0 }),
    supervision: restartOnFault,
    onFault: (_, directive) => void faults.push(directive),
    ...change,
  }
  return { actor: spawn(spec), seen, faults }
}

test('messages are processed one at a time, and an effect answers with a message', async t => {
  const { actor, seen } = counter()
  actor.tell('count')
  actor.tell('ask')
  actor.tell('end')
  await actor.ended
  t.deepEqual(seen, [1, 2, 3, 4])
  t.false(actor.tell('count'), 'an actor that has ended accepts no message')
})

test('after a fault the actor restarts from its first state and processes the messages that wait', async t => {
  const { actor, seen, faults } = counter()
  actor.tell('count')
  actor.tell('fail')
  t.true(actor.tell('count'), 'the mailbox accepts messages during the restart')
  t.is(actor.depth(), 1)
  actor.tell('end')
  await actor.ended
  t.deepEqual(seen, [1, 1, 2])
  t.deepEqual(faults, ['restart'])
})

test('a full mailbox refuses a message', t => {
  const { actor } = counter()
  actor.tell('fail')
  t.deepEqual(
    [actor.tell('count'), actor.tell('count'), actor.tell('count'), actor.tell('count')],
    [true, true, true, false],
  )
  actor.kill()
})

test('resume keeps the state from before the fault', async t => {
  const { actor, seen } = counter({ supervision: { ...restartOnFault, directiveFor: () => 'resume' } })
  actor.tell('count')
  actor.tell('fail')
  actor.tell('end')
  await actor.ended
  t.deepEqual(seen, [1, 2])
})

test('a restart beyond the budget escalates to the caller that awaits the end', async t => {
  const { actor, faults } = counter({ supervision: { ...restartOnFault, budget: { maxRestarts: 1, withinMs: 1_000 } } })
  actor.tell('fail')
  actor.tell('fail')
  await t.throwsAsync(actor.ended, { message: 'on request' })
  t.deepEqual(faults, ['restart', 'escalate'])
})

test('a fault of a performer is supervised too', async t => {
  const { actor, faults } = counter({ supervision: { ...restartOnFault, directiveFor: () => 'stop' } })
  actor.tell('fail in effect')
  await actor.ended
  t.deepEqual(faults, ['stop'])
})

test('kill ends an actor at once, also twice', async t => {
  const { actor } = counter({
    perform: effects$ =>
      effects$.pipe(
        map(effect => effect),
        mergeMap(() => EMPTY),
      ),
  })
  actor.kill()
  actor.kill()
  await t.notThrowsAsync(actor.ended)
})
