import {
  catchError,
  concat,
  connect,
  defer,
  EMPTY,
  mergeMap,
  type Observable,
  type ObservableInput,
  retry,
  scan,
  Subject,
  takeUntil,
  takeWhile,
  tap,
  throwError,
  timer,
} from 'rxjs'
import type { Behaviour, Step } from './behaviour.ts'
import type { Clock } from './clock.ts'
import { createMailbox } from './mailbox.ts'
import { createJudge, type Directive, Judged, type Supervision } from './supervision.ts'

/** A life's first state, and the messages that it hears before any other. */
export interface Beginning<State, Message> {
  readonly state: State
  readonly first?: readonly Message[]
}

/** Everything that makes one actor. */
export interface ActorSpec<State, Message, Effect> {
  readonly name: string
  /** Reads the first state, and the state after a restart, from where it is stored, never from the failed actor's memory. */
  readonly begin: () => ObservableInput<Beginning<State, Message>>
  readonly behaviour: Behaviour<State, Message, Effect>
  /** Carries effects out and answers with messages. The flattening operator of each kind of effect shows how its effects overlap. */
  readonly perform: (effects$: Observable<Effect>) => Observable<Message>
  /** The actor ends once its state satisfies this, after `perform` received the last step's effects. */
  readonly isDone: (state: State) => boolean
  readonly capacity: number
  readonly clock: Clock
  readonly supervision: Supervision
  /** Receives every fault with the directive that followed, and how long a restart waits: to log it, and to release what the failed state held. */
  readonly onFault: (fault: unknown, directive: Directive, delayMs: number) => void
}

/** A running actor, from outside. */
export interface ActorRef<Message> {
  readonly name: string
  /** False when the mailbox is full or the actor has ended. */
  tell(message: Message): boolean
  /** How many messages wait in the mailbox. */
  depth(): number
  /** Resolves when the actor has finished or a `stop` directive ended it; rejects when a fault escalated. */
  readonly ended: Promise<void>
  /** Ends the actor now, without waiting for its effects. A second call does nothing. */
  kill(): void
}

/** Starts an actor: scans its mailbox through its behaviour, one message at a time, and performs its effects beside it. */
export const spawn = <State, Message, Effect>(spec: ActorSpec<State, Message, Effect>): ActorRef<Message> => {
  const mailbox = createMailbox<Message>(spec.capacity)
  const judge = createJudge(spec.supervision)
  const killed$ = new Subject<void>()
  let over = false

  const judged = (fault: unknown): Judged => {
    const verdict = judge(fault, spec.clock().now)
    spec.onFault(fault, verdict.directive, verdict.delayMs)
    return new Judged(fault, verdict)
  }

  const step = ({ state }: Step<State, Effect>, message: Message): Step<State, Effect> => {
    try {
      return spec.behaviour(state, message, spec.clock())
    } catch (fault) {
      const judgement = judged(fault)
      if (judgement.directive !== 'resume') throw judgement
      return { state, effects: [] }
    }
  }

  /** One life: every message makes a step, until the state says that the actor is done. */
  const live = ({ state, first = [] }: Beginning<State, Message>): Observable<Message> =>
    concat(first, mailbox.messages$).pipe(
      scan(step, { state, effects: [] }),
      takeWhile(({ state: now }) => !spec.isDone(now), true),
      mergeMap(({ effects }) => effects),
      // Performers subscribe before the first effect; the life lasts until every effect under way has ended.
      connect(spec.perform),
    )

  /** A fault of the behaviour is judged already; one of `begin` or of a performer is judged here, and cannot resume. */
  const afterFault = (error: unknown) => {
    const judgement = error instanceof Judged ? error : judged(error)
    const { directive, delayMs } = judgement
    return directive === 'stop' || directive === 'escalate' ? throwError(() => judgement) : timer(delayMs)
  }

  const ended = new Promise<void>((resolve, reject) => {
    defer(spec.begin)
      .pipe(
        mergeMap(live),
        tap(message => mailbox.answer(message)),
        retry({ delay: afterFault }),
        catchError((end: Judged) => (end.directive === 'stop' ? EMPTY : throwError(() => end.fault))),
        takeUntil(killed$),
      )
      .subscribe({ error: reject, complete: resolve })
  }).finally(() => (over = true))

  return {
    name: spec.name,
    tell: message => !over && mailbox.tell(message),
    depth: () => mailbox.depth(),
    ended,
    kill: () => killed$.next(),
  }
}
