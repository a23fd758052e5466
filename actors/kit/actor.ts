import {
  catchError,
  concat,
  defer,
  EMPTY,
  map,
  mergeMap,
  Observable,
  retry,
  Subject,
  takeUntil,
  takeWhile,
  tap,
  throwError,
  timer,
} from 'rxjs'
import type { ObservableInput } from 'rxjs'
import type { Behaviour, Step } from './behaviour.ts'
import type { Clock } from './clock.ts'
import { createMailbox } from './mailbox.ts'
import { createJudge, type Directive, type Supervision } from './supervision.ts'

/** A life's first state, and what it hears before anything else. */
export interface Beginning<State, Message> {
  readonly state: State
  readonly first?: readonly Message[]
}

/** Everything that makes one actor. */
export interface ActorSpec<State, Message, Effect> {
  readonly name: string
  /** The first state, and the one after a restart: read from where state is stored, never from the failed actor's memory. */
  readonly begin: () => ObservableInput<Beginning<State, Message>>
  readonly behaviour: Behaviour<State, Message, Effect>
  /** Carries effects out and answers with messages. How they overlap shows in the flattening operator of each kind. */
  readonly perform: (effects$: Observable<Effect>) => Observable<Message>
  /** The actor ends itself when its state satisfies this, after the step's effects were handed to `perform`. */
  readonly isDone: (state: State) => boolean
  readonly capacity: number
  readonly clock: Clock
  readonly supervision: Supervision
  /** Told of every fault with what became of it: for the log, and to let go of what the failed state held. */
  readonly onFault: (fault: unknown, directive: Directive) => void
}

/** A running actor, from outside. */
export interface ActorRef<Message> {
  readonly name: string
  /** False when the mailbox is full or the actor has ended. */
  tell(message: Message): boolean
  /** How many messages wait in the mailbox. */
  depth(): number
  /** Resolves when the actor has ended of itself or by a `stop` directive; rejects when a fault escalated. */
  readonly ended: Promise<void>
  /** Ends the actor now, without waiting for its effects. A second call does nothing. */
  kill(): void
}

/** A restart waits this long, so that a fault at start does not spin. */
const restartDelayMs = 100

/** Starts an actor: its mailbox scanned through its behaviour one message at a time, its effects performed beside it. */
export const spawn = <State, Message, Effect>(spec: ActorSpec<State, Message, Effect>): ActorRef<Message> => {
  const mailbox = createMailbox<Message>(spec.capacity)
  const judge = createJudge(spec.supervision)
  const killed$ = new Subject<void>()
  let verdict: Directive = 'resume'
  let over = false

  const decide = (fault: unknown): Directive => {
    verdict = judge(fault, spec.clock().now)
    spec.onFault(fault, verdict)
    return verdict
  }

  /** One life: every message makes a step, until the state says that the actor is done. */
  const steps = ({ state: initial, first = [] }: Beginning<State, Message>): Observable<Step<State, Effect>> => {
    let state = initial
    return concat(first, mailbox.messages$).pipe(
      map(message => {
        try {
          const step = spec.behaviour(state, message, spec.clock())
          state = step.state
          return step
        } catch (fault) {
          if (decide(fault) !== 'resume') throw fault
          return { state, effects: [] }
        }
      }),
      takeWhile(step => !spec.isDone(step.state), true),
    )
  }

  /** A fault of the behaviour was judged where it happened; one of a performer, or of `begin`, is judged here. */
  const afterFault = (fault: unknown) => {
    const directive = verdict === 'resume' ? decide(fault) : verdict
    verdict = 'resume'
    if (directive === 'stop' || directive === 'escalate') return throwError(() => new Ended(fault, directive))
    return timer(restartDelayMs)
  }

  const ended = new Promise<void>((resolve, reject) => {
    defer(spec.begin)
      .pipe(
        mergeMap(beginning => performed(steps(beginning), spec.perform)),
        tap(message => mailbox.answer(message)),
        retry({ delay: afterFault }),
        catchError((end: Ended) => (end.directive === 'stop' ? EMPTY : throwError(() => end.fault))),
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

/** The end of an actor by a fault, with what was decided about it. */
class Ended {
  readonly fault: unknown
  readonly directive: Directive
  constructor(fault: unknown, directive: Directive) {
    this.fault = fault
    this.directive = directive
  }
}

/** Performers subscribe before the first effect is emitted; the messages end when the steps and every effect under way have ended. */
const performed = <State, Message, Effect>(
  steps$: Observable<Step<State, Effect>>,
  perform: (effects$: Observable<Effect>) => Observable<Message>,
): Observable<Message> =>
  new Observable(subscriber => {
    const effects$ = new Subject<Effect>()
    const work = perform(effects$).subscribe(subscriber)
    work.add(
      steps$.subscribe({
        next: step => step.effects.forEach(effect => effects$.next(effect)),
        error: fault => effects$.error(fault),
        complete: () => effects$.complete(),
      }),
    )
    return work
  })
