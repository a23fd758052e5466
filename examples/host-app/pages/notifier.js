/** The app's service worker. It shows arrivals while the page is in the background, and brings the page to the front when the host taps one. */
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))

self.addEventListener('notificationclick', event => {
  event.notification.close()
  event.waitUntil(
    self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then(pages => {
      const page = pages.find(({ url }) => new URL(url).pathname === '/')
      return page === undefined ? self.clients.openWindow('/') : page.focus()
    }),
  )
})
