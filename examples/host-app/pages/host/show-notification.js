/** Shows an arrival outside the page. The service worker does it where there is one, because phones allow no other way. */
export const showNotification = async ({ title, text, visitId }) => {
  if (globalThis.Notification?.permission !== 'granted') return
  const options = { body: text, icon: '/icon.svg', tag: visitId }
  const worker = await navigator.serviceWorker?.ready
  if (worker === undefined) void new Notification(title, options)
  else await worker.showNotification(title, options)
}
