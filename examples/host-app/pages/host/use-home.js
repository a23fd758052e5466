import { ask } from '../ask.js'
import { useEffect, useState } from '../htm-preact.js'
import { showNotification } from './show-notification.js'

const shownToasts = 3

/** The host's visits, contacts and notifications, which stay up to date by server-sent events. `onLoggedOut` runs if the session has ended. */
export const useHome = (me, onLoggedOut) => {
  const [home, setHome] = useState(null)
  const [toasts, setToasts] = useState([])
  const [connected, setConnected] = useState(true)
  const [problem, setProblem] = useState('')
  const change = changed => setHome(now => now && { ...now, ...changed(now) })
  const putVisit = visit => change(({ visits }) => ({ visits: withVisit(visits, visit) }))

  useEffect(() => {
    let live
    let gone = false
    let received = 0
    const load = async () => {
      const receivedBefore = received
      try {
        const answer = await ask('GET', '/api/home')
        // An event arrived during the request, and the answer may be older than the event.
        if (received !== receivedBefore && !gone) return await load()
        if (!gone) setHome(answer)
        return answer
      } catch (error) {
        if (error.status === 401) onLoggedOut()
        else setProblem(error.message)
        return null
      }
    }
    const listen = async () => {
      const answer = await load()
      if (gone || answer === null) return
      live = new EventSource(`/api/live?after=${answer.notifications[0]?.id ?? 0}`)
      live.addEventListener('open', () => {
        setConnected(true)
        // Reads what has changed between the first read and the connection, or during an interruption.
        void load()
      })
      live.addEventListener('error', () => setConnected(false))
      live.addEventListener('visit', ({ data }) => {
        received += 1
        putVisit(JSON.parse(data))
      })
      live.addEventListener('notification', ({ data }) => {
        received += 1
        const notification = JSON.parse(data)
        change(({ notifications }) => ({ notifications: withNotification(notifications, notification) }))
        setToasts(now => withNotification(now, notification).slice(0, shownToasts))
        void showNotification(notification)
      })
    }
    void listen()
    return () => {
      gone = true
      live?.close()
    }
  }, [me.id])

  return {
    home,
    toasts,
    connected,
    problem,
    putVisit,
    dismiss: toast => setToasts(now => now.filter(({ id }) => id !== toast.id)),
    markRead: async () => {
      await ask('POST', '/api/notifications/read', {})
      change(({ notifications }) => ({ notifications: notifications.map(one => ({ ...one, read: true })) }))
    },
    logOut: () => ask('DELETE', '/api/session').then(onLoggedOut, error => setProblem(error.message)),
  }
}

const withVisit = (visits, visit) =>
  [...visits.filter(({ id }) => id !== visit.id), visit].toSorted((a, b) => a.scheduledAt - b.scheduledAt)

const withNotification = (notifications, notification) => [
  notification,
  ...notifications.filter(({ id }) => id !== notification.id),
]
