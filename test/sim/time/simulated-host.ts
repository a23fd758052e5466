/**
 * Replaces the clocks, timers and chance of this Node process by simulated ones, for as long as a simulation runs. Import it before anything that is simulated. All code of a simulated
 * process keeps its owner over promises (AsyncLocalStorage), so a timer belongs to the process that set it, and a clock shows that process's time.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'
import type { Chance } from './chance.ts'
import { newOwner, type Owner, type Task, type Timeline } from './timeline.ts'

/** What the host was before. */
export const real = {
  Date,
  now: Date.now.bind(Date),
  elapsed: performance.now.bind(performance),
  setTimeout: globalThis.setTimeout,
  setImmediate: globalThis.setImmediate,
  random: Math.random,
  kill: process.kill.bind(process),
}

export interface SimulatedHost {
  readonly timeline: Timeline
  readonly chance: Chance
  /** The owner of tasks that belong to no process. */
  readonly world: Owner
  /** Called when a process stops itself with a signal. */
  readonly onSignal: (owner: Owner, signal: string) => void
}

const owners = new AsyncLocalStorage<Owner>()
let host: SimulatedHost | null = null

/** The simulated process whose code runs now, or the world. */
export const currentOwner = (): Owner => owners.getStore() ?? nobody
const nobody = newOwner('nobody')

/** Runs code as this owner. Promises and timers that it begins belong to the owner. */
export const runAs = <T>(owner: Owner, work: () => T): T => owners.run(owner, work)

class SimulatedTimer {
  private readonly callback: () => void
  private readonly delayMs: number
  private readonly repeats: boolean
  private readonly owner: Owner
  private readonly timeline: Timeline
  private task: Task

  constructor(callback: () => void, delayMs: number, repeats: boolean) {
    const { timeline, world } = host as SimulatedHost
    this.timeline = timeline
    this.callback = callback
    // As Node does: less than a millisecond, too long, or no number at all is one millisecond.
    this.delayMs = delayMs >= 1 && delayMs <= 2_147_483_647 ? Math.trunc(delayMs) : 1
    this.repeats = repeats
    const owner = owners.getStore() ?? world
    this.owner = owner
    this.task = this.begin()
  }

  private begin(): Task {
    return this.timeline.after(this.delayMs, this.owner, () => this.fire())
  }

  private fire(): void {
    if (this.repeats) this.task = this.begin()
    this.callback()
  }

  cancel(): void {
    this.task.run = null
  }

  refresh(): this {
    this.cancel()
    this.task = this.begin()
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }

  close(): this {
    this.cancel()
    return this
  }

  [Symbol.dispose](): void {
    this.cancel()
  }
}

/** The callback keeps the async context in which it was given, as Node's timers do. */
const inContext = <A extends unknown[]>(callback: (...args: A) => void, args: A): (() => void) => {
  const snapshot = AsyncLocalStorage.snapshot()
  return () => snapshot(callback, ...args)
}

const setTimeoutNow = <A extends unknown[]>(callback: (...args: A) => void, delayMs = 1, ...args: A) =>
  new SimulatedTimer(inContext(callback, args), delayMs, false)

const setIntervalNow = <A extends unknown[]>(callback: (...args: A) => void, delayMs = 1, ...args: A) =>
  new SimulatedTimer(inContext(callback, args), delayMs, true)

/** Runs after everything that is due now, as the event loop would; it takes no time. */
const setImmediateNow = <A extends unknown[]>(callback: (...args: A) => void, ...args: A) => {
  const { timeline, world } = host as SimulatedHost
  return timeline.after(0, owners.getStore() ?? world, inContext(callback, args))
}

const clear = (timer: unknown): void => {
  if (timer instanceof SimulatedTimer) timer.cancel()
  else if (typeof timer === 'object' && timer !== null && 'run' in timer) (timer as Task).run = null
}

interface WaitOptions {
  readonly signal?: AbortSignal
}

const aborted = (signal: AbortSignal): Error =>
  Object.assign(new Error('The operation was aborted', { cause: signal.reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  })

const waitNow = <T>(delayMs?: number, value?: T, { signal }: WaitOptions = {}): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(aborted(signal))
    const onAbort = () => {
      timer.cancel()
      reject(aborted(signal as AbortSignal))
    }
    const timer = setTimeoutNow(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve(value)
    }, delayMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    return undefined
  })

const realWait = timersPromises.setTimeout
/** Modules keep this function from their import on, so it stays in place, and asks at each call which time it is to use. */
timersPromises.setTimeout = ((delayMs?: number, value?: unknown, options?: WaitOptions & object) =>
  host === null ? realWait(delayMs, value, options) : waitNow(delayMs, value, options)) as typeof realWait
syncBuiltinESMExports()

/** What the wall clock of the running process shows. */
const wallClock = (): number => {
  const { timeline, world } = host as SimulatedHost
  return Math.floor(timeline.now() + (owners.getStore() ?? world).skewMs)
}

const simulatedDate = new Proxy(Date, {
  construct: (target, args, made) =>
    Reflect.construct(target, args.length === 0 ? [wallClock()] : args, made) as object,
  apply: () => new real.Date(wallClock()).toString(),
})

let filled = 0
/** How often somebody asked for random bytes. */
export const fills = (): number => filled

const fill = <T extends ArrayBufferView>(view: T): T => {
  const { chance } = host as SimulatedHost
  filled += 1
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = chance.next() * 256
  return view
}

const uuid = (): string => {
  const bytes = fill(Buffer.alloc(16))
  bytes[6] = ((bytes[6] as number) & 15) | 64
  bytes[8] = ((bytes[8] as number) & 63) | 128
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

type Change = readonly [target: object, name: string, value: unknown]

const changes = (): readonly Change[] => [
  [globalThis, 'setTimeout', setTimeoutNow],
  [globalThis, 'setInterval', setIntervalNow],
  [globalThis, 'setImmediate', setImmediateNow],
  [globalThis, 'clearTimeout', clear],
  [globalThis, 'clearInterval', clear],
  [globalThis, 'clearImmediate', clear],
  [globalThis, 'Date', simulatedDate],
  [Date, 'now', wallClock],
  [performance, 'now', () => (host as SimulatedHost).timeline.now() - startOfClocks],
  [Math, 'random', () => (host as SimulatedHost).chance.next()],
  [globalThis.crypto, 'getRandomValues', fill],
  [globalThis.crypto, 'randomUUID', uuid],
  [crypto, 'randomUUID', uuid],
  [crypto, 'randomFillSync', fill],
  [crypto, 'randomBytes', (size: number) => fill(Buffer.alloc(size))],
  [timers, 'setTimeout', setTimeoutNow],
  [timers, 'setInterval', setIntervalNow],
  [timers, 'setImmediate', setImmediateNow],
  [timers, 'clearTimeout', clear],
  [timers, 'clearInterval', clear],
  [timers, 'clearImmediate', clear],
  [process, 'kill', signalled],
]

/** A process that signals itself ends its simulated process, not this one. */
const signalled = (pid: number, signal: string | number = 'SIGTERM'): true => {
  const owner = owners.getStore()
  if (owner === undefined || host === null) return real.kill(pid, signal)
  host.onSignal(owner, String(signal))
  return true
}

/** Monotonic clocks begin here. */
export const startOfClocks = real.Date.UTC(2026, 0, 5, 8)

/** Replaces what the host has until the result is disposed of. */
export const simulateHost = (simulated: SimulatedHost): Disposable => {
  if (host !== null) throw new Error('one simulation at a time')
  host = simulated
  const undo = changes().map(([target, name, value]) => {
    const before = Object.getOwnPropertyDescriptor(target, name)
    Object.defineProperty(target, name, { value, writable: true, configurable: true })
    return () => {
      if (before === undefined) Reflect.deleteProperty(target, name)
      else Object.defineProperty(target, name, before)
    }
  })
  syncBuiltinESMExports()
  return {
    [Symbol.dispose]: () => {
      undo.forEach(each => each())
      syncBuiltinESMExports()
      host = null
    },
  }
}

/** Resolves when every promise and every `nextTick` that can go on has gone on. */
export const settled = (): Promise<void> => new Promise(resolve => void real.setImmediate(resolve))
