import { ask } from '../ask.js'
import { useEffect, useState } from '../htm-preact.js'
import { nameOf } from './visit-row.js'

/** The visits and events that the front desk shows, which stay up to date by server-sent events, and what can be done with them. */
export const useDesk = () => {
  const [desk, setDesk] = useState(null)
  const [welcomed, setWelcomed] = useState(null)
  const [busyId, setBusyId] = useState('')
  const [problem, setProblem] = useState('')

  useEffect(() => {
    // Answers may arrive in another order than their requests: only the answer to the latest request counts.
    let latest = 0
    const load = async () => {
      const number = (latest += 1)
      try {
        const answer = await ask('GET', '/front-desk/api/visits')
        if (number === latest) setDesk(answer)
      } catch (error) {
        setProblem(error.message)
      }
    }
    const live = new EventSource('/front-desk/api/live')
    live.addEventListener('open', () => void load())
    live.addEventListener('changed', () => void load())
    return () => live.close()
  }, [])

  const act = async (visit, action) => {
    setBusyId(visit.id)
    setProblem('')
    try {
      return await ask('POST', `/front-desk/api/visits/${visit.id}/${action}`, {})
    } catch (error) {
      setProblem(`${nameOf(visit.visitor)}: ${error.message}`)
      return null
    } finally {
      setBusyId('')
    }
  }
  return {
    desk,
    problem,
    busyId,
    /** The visit that has just been checked in; null if there is none. */
    welcomed,
    checkIn: async visit => setWelcomed(await act(visit, 'check-in')),
    checkOut: visit => act(visit, 'check-out'),
    /** Makes room for the next visitor. */
    next: () => setWelcomed(null),
  }
}
