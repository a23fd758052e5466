import type { ModelPorts } from './ports.ts'

/**
 * `up`; `silent`: what is sent arrives when the link is up again, and neither side notices at once, as with a firewall that drops packets;
 * `closed`: both sides lose their connections at once, and new ones are refused.
 */
export type LinkState = 'up' | 'silent' | 'closed'

/** One connection over a link. */
export interface Wire {
  /** False as soon as either side has closed it, as this process sees it. */
  readonly isOpen: boolean
  toServer(arrive: () => void): void
  /** `isAnswer`: an answer to a request, which `loseAnswers` may drop. */
  toClient(arrive: () => void, isAnswer?: boolean): void
  /** The process or the server closes it; the other side notices when the link lets it. */
  close(by: 'client' | 'server'): void
}

export interface WireEnds {
  /** False: what is sent at the same time may arrive in any order, as over a pool of connections. */
  readonly ordered: boolean
  readonly onClosedAtClient: () => void
  readonly onClosedAtServer: () => void
}

/** The way between one process and one server. The world breaks and mends it; a model's client opens connections over it. */
export interface Link {
  readonly state: LinkState
  /** True while the process is stopped: it sends nothing, and what arrives waits in its sockets. */
  readonly isPaused: boolean
  cut(how?: 'silent' | 'closed'): void
  heal(): void
  pause(): void
  resume(): void
  /** Each way takes this long in addition. */
  delay(ms: number): void
  /** The next answers get lost: the request was carried out, and its caller waits in vain. */
  loseAnswers(count: number): void
  /** The process is gone for good: `killed` closes its connections, and `vanished`, like a power cut, does not. */
  end(how: 'killed' | 'vanished'): void
  /** Opens a connection; null while the link is not up. */
  open(ends: WireEnds): Wire | null
  /** Runs work on the time of the process: its timers stop while it is paused. */
  readonly after: ModelPorts['after']
  /** Calls back whenever the state changes. The result ends that. */
  watch(onChange: (state: LinkState) => void): () => void
}

export interface LinkOptions {
  /** How long each way takes at least, and how much longer by chance. Default 0.2 ms and 1 ms */
  readonly latencyMs?: number
  readonly jitterMs?: number
  /** The timers of the process, which stop while it is paused and end with it. Default: those of the world */
  readonly afterAtClient?: ModelPorts['after']
}

export const createLink = (
  { now, chance, after }: ModelPorts,
  { latencyMs = 0.2, jitterMs = 1, afterAtClient = after }: LinkOptions = {},
): Link => {
  let state: LinkState = 'up'
  let isPaused = false
  let hasEnded = false
  let extraMs = 0
  let answersToLose = 0
  const watchers = new Set<(state: LinkState) => void>()
  const wires = new Set<{ readonly close: (by: 'link' | 'client') => void; readonly flush: () => void }>()

  const setState = (next: LinkState) => {
    if (state === next) return
    state = next
    watchers.forEach(watcher => watcher(next))
  }
  const flushAll = () => [...wires].forEach(wire => wire.flush())
  const flows = (to: 'server' | 'client') => state === 'up' && (to === 'server' || !(isPaused || hasEnded))

  /** What is on its way in one direction. */
  const direction = (to: 'server' | 'client', ordered: boolean) => {
    let lastAt = 0
    let held: (() => void)[] = []
    const travel = (arrive: () => void) => {
      const delayMs = latencyMs + extraMs + chance() * jitterMs
      const at = ordered ? Math.max(now() + delayMs, lastAt) : now() + delayMs
      lastAt = at
      const schedule = to === 'client' ? afterAtClient : after
      schedule(Math.max(0, at - now()), () => {
        if (flows(to)) arrive()
        else held.push(arrive)
      })
    }
    return {
      send: (arrive: () => void) => {
        if (to === 'server' && (isPaused || hasEnded || state !== 'up')) held.push(arrive)
        else travel(arrive)
      },
      flush: () => {
        const waiting = held
        held = []
        waiting.forEach(travel)
      },
    }
  }

  const open = ({ ordered, onClosedAtClient, onClosedAtServer }: WireEnds): Wire | null => {
    if (state !== 'up' || isPaused || hasEnded) return null
    const [up, down] = [direction('server', ordered), direction('client', ordered)]
    const isOpen = { client: true, server: true }
    const end = (side: 'client' | 'server') => {
      if (!isOpen[side]) return
      isOpen[side] = false
      if (!isOpen.client && !isOpen.server) wires.delete(own)
      if (side === 'server') onClosedAtServer()
      else if (!hasEnded) onClosedAtClient()
    }
    const own = {
      close: (by: 'link' | 'client') => {
        if (by === 'client') return up.send(() => end('server'))
        // A stopped process finds its connection closed when it runs again.
        if (isPaused) down.send(() => end('client'))
        else end('client')
        return end('server')
      },
      flush: () => {
        if (state === 'up' && !isPaused) up.flush()
        if (flows('client')) down.flush()
      },
    }
    wires.add(own)
    return {
      get isOpen() {
        return isOpen.client
      },
      toServer: arrive => up.send(() => isOpen.server && arrive()),
      toClient: (arrive, isAnswer = false) => {
        if (isAnswer && answersToLose > 0) answersToLose -= 1
        else down.send(() => isOpen.client && arrive())
      },
      close: by => {
        end(by)
        if (by === 'client') own.close('client')
        else down.send(() => end('client'))
      },
    }
  }

  return {
    get state() {
      return state
    },
    get isPaused() {
      return isPaused
    },
    cut: (how = 'silent') => {
      setState(how)
      if (how === 'closed') [...wires].forEach(wire => wire.close('link'))
    },
    heal: () => {
      setState('up')
      flushAll()
    },
    pause: () => void (isPaused = true),
    resume: () => {
      isPaused = false
      flushAll()
    },
    delay: ms => void (extraMs = ms),
    loseAnswers: count => void (answersToLose = count),
    end: how => {
      hasEnded = true
      // What was sent before may arrive or not.
      const close = () => [...wires].forEach(wire => wire.close('link'))
      if (how === 'killed' && state !== 'silent') after(latencyMs + chance() * jitterMs, close)
    },
    open,
    after: afterAtClient,
    watch: onChange => {
      watchers.add(onChange)
      return () => void watchers.delete(onChange)
    },
  }
}
