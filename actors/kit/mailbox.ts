import { Observable, type Subscriber } from 'rxjs'

/** Messages waiting for their actor, in order, one at a time. */
export interface Mailbox<Message> {
  /** False when the mailbox is full: the sender must hold the work or push back. */
  tell(message: Message): boolean
  /** For answers to the actor's own effects: always taken, since the effects under way bound them. */
  answer(message: Message): void
  /** How many messages wait. */
  depth(): number
  /** To be subscribed by one reader at a time; messages wait while there is none, as during a restart. */
  readonly messages$: Observable<Message>
}

/** A bounded mailbox. A message sent while another is being worked on waits its turn, so a behaviour never re-enters itself. */
export const createMailbox = <Message>(capacity: number): Mailbox<Message> => {
  const waiting: Message[] = []
  let reader: Subscriber<Message> | null = null
  let reading = false

  const read = () => {
    if (reading) return
    reading = true
    for (let to = reader; to !== null; to = reader) {
      const message = waiting.shift()
      if (message === undefined) break
      to.next(message)
    }
    reading = false
  }
  const put = (message: Message) => {
    waiting.push(message)
    read()
  }

  return {
    tell: message => {
      if (waiting.length >= capacity) return false
      put(message)
      return true
    },
    answer: put,
    depth: () => waiting.length,
    messages$: new Observable(subscriber => {
      reader = subscriber
      read()
      return () => {
        if (reader === subscriber) reader = null
      }
    }),
  }
}
