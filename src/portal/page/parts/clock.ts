import { signal } from '@preact/signals'
import { serverNow } from '../format/server-clock.ts'

/** The server's time. It ticks once a second while the page is visible. */
export const now = signal(serverNow())

const tick = (): void => {
  if (!document.hidden) now.value = serverNow()
}

setInterval(tick, 1_000)
document.addEventListener('visibilitychange', tick)
