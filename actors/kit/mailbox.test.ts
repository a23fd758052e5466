import test from 'ava'
import { createMailbox } from './mailbox.ts'

test('a message that arrives while another is processed waits for its turn', t => {
  const mailbox = createMailbox<number>(9)
  const seen: string[] = []
  mailbox.messages$.subscribe(message => {
    seen.push(`begin ${message}`)
    if (message < 3) mailbox.tell(message + 1)
    seen.push(`end ${message}`)
  })
  mailbox.tell(1)
  t.deepEqual(seen, ['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3'])
  t.is(mailbox.depth(), 0)
})

test('a mailbox without a reader keeps its messages in order, refuses more than its capacity, and still takes answers', t => {
  const mailbox = createMailbox<string>(2)
  t.deepEqual([mailbox.tell('a'), mailbox.tell('b'), mailbox.tell('c')], [true, true, false])
  mailbox.answer('answer')
  t.is(mailbox.depth(), 3)
  const seen: string[] = []
  mailbox.messages$.subscribe(message => seen.push(message))
  t.deepEqual(seen, ['a', 'b', 'answer'])
})

test('a reader that leaves takes nothing more, and the next reader gets the rest', t => {
  const mailbox = createMailbox<number>(9)
  const first: number[] = []
  const second: number[] = []
  const leaving = mailbox.messages$.subscribe(message => {
    first.push(message)
    if (message === 2) leaving.unsubscribe()
  })
  for (const message of [1, 2, 3]) mailbox.tell(message)
  t.is(mailbox.depth(), 1)
  mailbox.messages$.subscribe(message => second.push(message))
  mailbox.tell(4)
  t.deepEqual(
    [first, second],
    [
      [1, 2],
      [3, 4],
    ],
  )
})

test('an earlier reader that leaves late does not take the messages from the next one', t => {
  const mailbox = createMailbox<number>(9)
  const seen: number[] = []
  const earlier = mailbox.messages$.subscribe()
  mailbox.messages$.subscribe(message => seen.push(message))
  earlier.unsubscribe()
  mailbox.tell(1)
  t.deepEqual(seen, [1])
})
