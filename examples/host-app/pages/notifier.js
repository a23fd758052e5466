/** The app's service worker: shows arrivals also while the page is in the background, and brings it forward when one is touched. */
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
