import { Observable, type Subscriber } from 'rxjs'

/** The messages that wait for an actor, in order. */
export interface Mailbox<Message> {
  /** False when the mailbox is full: the sender must keep the work or push back. */
  tell(message: Message): boolean
  /** Accepts an answer to one of the actor's own effects, even in a full mailbox: the effects under way bound their number. */
  answer(message: Message): void
  /** How many messages wait. */
  depth(): number
  /** Supports one reader at a time. Without a reader, as during a restart, messages wait. */
  readonly messages$: Observable<Message>
}

/**
 * Creates a bounded mailbox. A message that arrives while another is being processed waits, so a behaviour never re-enters itself. It
 * is an Observable of its own because no operator of RxJS keeps a bounded buffer between one subscriber and the next.
 */
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
