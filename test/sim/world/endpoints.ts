import type { AttemptError } from '../../../src/domain/delivery.ts'
import type { Outcome } from '../../../src/domain/outcome.ts'
import type { Egress } from '../../../src/egress/egress.ts'
import type { Chance } from '../time/chance.ts'
import type { Owner, Timeline } from '../time/timeline.ts'

/** How an endpoint behaves until everything heals; then it is well. */
export const characters = [
  'well',
  'slow',
  'flapping',
  'refusing',
  'recovering',
  'hanging',
  'throttling',
  'failing',
  'overloaded',
  'picky',
  'denying',
  'gone',
  'resetting',
  'redirecting',
] as const
export type Character = (typeof characters)[number]

/** An attempt, as the process that makes it sees it. */
export interface PostBegun {
  readonly url: string
  readonly subscription: string
  readonly eventId: string
  readonly attempt: number
  readonly kind: 'event' | 'replay' | 'test'
  readonly from: Owner
  readonly startedAt: number
}

/** One POST, as an endpoint saw it. */
export interface Post extends PostBegun {
  readonly arrivedAt: number
  readonly body: string
  /** How it was answered; null while it was not, or never. */
  answer: number | AttemptError | null
  answeredAt: number | null
  /** Whether the answer reached the process. */
  heard: boolean
}

export interface Endpoints {
  characterOf(url: string): Character | undefined
  /** The way out of one process. */
  egressOf(process: Owner): Egress
  /** Lets a url behave like this. */
  set(url: string, character: Character): void
  /** From now on every endpoint is well. */
  heal(): void
  readonly posts: readonly Post[]
}

interface Ports {
  readonly timeline: Timeline
  readonly chance: Chance
  readonly world: Owner
  /** Called when a process begins an attempt, and when it knows the outcome. */
  readonly onBegun: (post: PostBegun) => void
  readonly onEnded: (post: PostBegun, outcome: Outcome) => void
  /** Called when a request arrives at an endpoint. */
  readonly onArrival: (post: Post) => void
  /** Called when an endpoint has answered. */
  readonly onAnswer: (post: Post) => void
}

interface Reply {
  readonly afterMs: number
  /** Null: it never answers. */
  readonly as: number | AttemptError | null
  readonly retryAfterMs?: number
  /** False: the request never arrived. */
  readonly arrives?: false
}

export const createEndpoints = ({
  timeline,
  chance,
  world,
  onBegun,
  onEnded,
  onArrival,
  onAnswer,
}: Ports): Endpoints => {
  const known = new Map<string, Character>()
  const posts: Post[] = []
  let healed = false

  const replyOf = (url: string, attempt: number): Reply => {
    const quick = 2 + chance.next() * 40
    const character = healed ? 'well' : (known.get(url) ?? 'well')
    const wave = (periodMs: number) => Math.floor((timeline.now() + url.length * 7_919) / periodMs) % 2 === 0
    switch (character) {
      case 'well':
        return { afterMs: quick, as: 200 }
      case 'slow':
        return { afterMs: 300 + chance.next() * 3_000, as: 204 }
      case 'flapping':
        return wave(9_000) ? { afterMs: quick, as: 200 } : { afterMs: 1, as: 'connect', arrives: false }
      case 'refusing':
        return { afterMs: 1, as: 'connect', arrives: false }
      case 'recovering':
        return wave(60_000) ? { afterMs: quick, as: 200 } : { afterMs: quick, as: 500 }
      case 'hanging':
        return chance.happens(0.08) ? { afterMs: 0, as: null } : { afterMs: quick, as: 200 }
      case 'throttling':
        return chance.happens(0.15)
          ? { afterMs: quick, as: 429, retryAfterMs: 1_000 * chance.between(1, 12) }
          : { afterMs: quick, as: 200 }
      case 'failing':
        return { afterMs: quick, as: chance.happens(0.4) ? 500 : 200 }
      case 'overloaded':
        return wave(20_000)
          ? { afterMs: quick, as: 200 }
          : { afterMs: quick * 4, as: 503, retryAfterMs: 1_000 * chance.between(1, 5) }
      case 'picky':
        return chance.happens(attempt > 2 ? 0.1 : 0.3) ? { afterMs: quick, as: 422 } : { afterMs: quick, as: 200 }
      case 'denying':
        return wave(15_000) ? { afterMs: quick, as: 200 } : { afterMs: quick, as: 401 }
      case 'gone':
        return chance.happens(0.02) ? { afterMs: quick, as: 410 } : { afterMs: quick, as: 200 }
      case 'resetting':
        return chance.happens(0.2) ? { afterMs: quick, as: 'reset' } : { afterMs: quick, as: 200 }
      case 'redirecting':
        return chance.happens(0.2) ? { afterMs: quick, as: 302 } : { afterMs: quick, as: 200 }
    }
  }

  const send = (from: Owner, request: Parameters<Egress['post']>[0]): Promise<Outcome> =>
    new Promise(resolve => {
      const { url, timeoutMs, signal } = request
      const startedAt = timeline.now()
      const begun = begunOf(request, from, startedAt)
      onBegun(begun)
      let settled = false
      const settle = (outcome: Outcome): void => {
        if (settled) return
        settled = true
        signal.removeEventListener('abort', onAbort)
        late.run = null
        onEnded(begun, outcome)
        resolve(outcome)
      }
      const took = () => timeline.now() - startedAt
      const onAbort = () => settle({ type: 'unanswered', error: 'own_fault', tookMs: took() })
      const late = timeline.after(timeoutMs, from, () =>
        settle({ type: 'unanswered', error: 'timeout', tookMs: took() }),
      )
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      const reply = replyOf(url, begun.attempt)
      const { as } = reply
      const answer = (post: Post | null) => {
        if (as === null) return
        if (post !== null) {
          Object.assign(post, { answer: as, answeredAt: timeline.now() })
          onAnswer(post)
        }
        // The way back: a process that was killed or is paused does not hear it now.
        timeline.after(1 + chance.next() * 2, from, () => {
          if (post !== null && !settled) post.heard = true
          settle(
            typeof as === 'number'
              ? {
                  type: 'answered',
                  status: as,
                  response: '',
                  tookMs: took(),
                  ...(reply.retryAfterMs === undefined ? {} : { retryAfterMs: reply.retryAfterMs }),
                }
              : { type: 'unanswered', error: as, tookMs: took() },
          )
        })
      }
      if (reply.arrives === false) {
        timeline.after(1, world, () => answer(null))
        return undefined
      }
      timeline.after(1 + chance.next() * 4, world, () => {
        const arrived = { arrivedAt: timeline.now(), body: request.body, answer: null, answeredAt: null, heard: false }
        const post: Post = { ...begun, ...arrived }
        posts.push(post)
        onArrival(post)
        if (as !== null) timeline.after(reply.afterMs, world, () => answer(post))
      })
      return undefined
    })

  return {
    posts,
    characterOf: url => known.get(url),
    set: (url, character) => void known.set(url, character),
    heal: () => void (healed = true),
    egressOf: process => ({
      checkUrl: async () => undefined,
      post: request => send(process, request),
      close: async () => undefined,
    }),
  }
}

const begunOf = ({ url, headers }: Parameters<Egress['post']>[0], from: Owner, startedAt: number): PostBegun => ({
  url,
  subscription: keyOfUrl(url),
  eventId: headers['webhook-id'] ?? '',
  attempt: Number(headers['webhook-attempt']),
  kind: headers['webhook-test'] === 'true' ? 'test' : headers['webhook-replay'] === 'true' ? 'replay' : 'event',
  from,
  startedAt,
})

/** The key of the subscription that an address belongs to. */
export const keyOfUrl = (url: string): string => url.slice('https://'.length, url.indexOf('.'))
