import { signal } from '@preact/signals'

/** The current time in epoch ms. It ticks once a second while the page is visible. */
export const now = signal(Date.now())

setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, 1_000)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) now.value = Date.now()
})
