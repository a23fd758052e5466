/** Environment that makes a service open its inspector. */
export const inspected = { NODE_OPTIONS: '--inspect=127.0.0.1:0' } as const

/** Measures the JavaScript heap of a process after a full collection, in MiB. */
export const heapMiB = (inspectorUrl: string | null): Promise<number> =>
  withInspector(inspectorUrl, async ask => {
    await ask('HeapProfiler.collectGarbage')
    return (await ask<{ usedSize: number }>('Runtime.getHeapUsage')).usedSize / 1_024 / 1_024
  })

/** A profile as V8 writes it (`--cpu-prof`): a tree of calls, and the running call of each sample. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Profiles a process during `work`, with a sample every 0.5 ms. */
export const profiled = (inspectorUrl: string | null, work: () => Promise<unknown>): Promise<CpuProfile> =>
  withInspector(inspectorUrl, async ask => {
    await ask('Profiler.enable')
    await ask('Profiler.setSamplingInterval', { interval: 500 })
    await ask('Profiler.start')
    await work()
    return (await ask<{ profile: CpuProfile }>('Profiler.stop')).profile
  })

type Ask = <T>(method: string, params?: object) => Promise<T>

/** Sends a request of the Chrome DevTools Protocol and waits for the answer with the same id. */
const withInspector = async <R>(inspectorUrl: string | null, work: (ask: Ask) => Promise<R>): Promise<R> => {
  if (inspectorUrl === null) throw new Error('the process was started without its inspector')
  const socket = new WebSocket(inspectorUrl)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', () => reject(new Error('the inspector does not answer')), { once: true })
  })
  let asked = 0
  const ask: Ask = <T>(method: string, params: object = {}) =>
    new Promise<T>(resolve => {
      const id = (asked += 1)
      const listen = ({ data }: MessageEvent) => {
        const answer = JSON.parse(String(data)) as { id?: number; result: T }
        if (answer.id !== id) return
        socket.removeEventListener('message', listen)
        resolve(answer.result)
      }
      socket.addEventListener('message', listen)
      socket.send(JSON.stringify({ id, method, params }))
    })
  try {
    return await work(ask)
  } finally {
    socket.close()
  }
}
