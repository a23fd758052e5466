/** Environment of a service whose heap is to be looked at. */
export const inspected = { NODE_OPTIONS: '--inspect=127.0.0.1:0' } as const

/** JavaScript objects that a process holds after a full collection, MiB: what it needs, without what it has not yet given back. */
export const heapMiB = async (inspectorUrl: string | null): Promise<number> => {
  if (inspectorUrl === null) throw new Error('the process was started without its inspector')
  const socket = new WebSocket(inspectorUrl)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true })
    socket.addEventListener('error', () => reject(new Error('the inspector does not answer')), { once: true })
  })
  try {
    await ask(socket, 1, 'HeapProfiler.collectGarbage')
    return (await ask<{ usedSize: number }>(socket, 2, 'Runtime.getHeapUsage')).usedSize / 1_024 / 1_024
  } finally {
    socket.close()
  }
}

/** Chrome DevTools Protocol: one JSON message each way, matched by its id. */
const ask = <T>(socket: WebSocket, id: number, method: string): Promise<T> =>
  new Promise(resolve => {
    const listen = ({ data }: MessageEvent) => {
      const answer = JSON.parse(String(data)) as { id?: number; result: T }
      if (answer.id !== id) return
      socket.removeEventListener('message', listen)
      resolve(answer.result)
    }
    socket.addEventListener('message', listen)
    socket.send(JSON.stringify({ id, method }))
  })
