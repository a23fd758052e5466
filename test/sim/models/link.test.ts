import test from 'ava'
import { createLink, type Link } from './link.ts'
import { virtualPorts } from './virtual-ports.ts'

/** A wire over a new link, and what happens at its ends. */
const opened = (ordered = true) => {
  const ports = virtualPorts()
  const link = createLink(ports)
  const seen: unknown[] = []
  const wire = link.open({
    ordered,
    onClosedAtClient: () => seen.push('closed at the client'),
    onClosedAtServer: () => seen.push('closed at the server'),
  })
  if (wire === null) throw new Error('the link is up')
  const say = (...words: readonly unknown[]) => words.forEach(word => wire.toServer(() => seen.push(word)))
  const hear = (...words: readonly unknown[]) => words.forEach(word => wire.toClient(() => seen.push(word)))
  return { ...ports, link, wire, seen, say, hear }
}

test('what is sent over one connection arrives in its order, and over a pool of them in any', async t => {
  const numbers = Array.from({ length: 50 }, (_, index) => index)
  for (const isOrdered of [true, false]) {
    const { seen, say, pass } = opened(isOrdered)
    say(...numbers)
    await pass(10)
    t.deepEqual(
      seen.toSorted((a, b) => Number(a) - Number(b)),
      numbers,
    )
    t.is(JSON.stringify(seen) === JSON.stringify(numbers), isOrdered)
  }
})

test('a silent link holds what is sent both ways until it is healed, and nobody notices', async t => {
  const { link, seen, say, hear, pass } = opened()
  link.cut('silent')
  say('question')
  hear('answer')
  await pass(60_000)
  t.deepEqual(seen, [])
  t.is(link.open({ ordered: true, onClosedAtClient: t.fail, onClosedAtServer: t.fail }), null)
  link.heal()
  await pass(10)
  t.deepEqual(seen.toSorted(), ['answer', 'question'])
})

test('a closed link ends its connections at both sides, and what was on its way', async t => {
  const { link, wire, seen, say, pass } = opened()
  say('question')
  link.cut('closed')
  t.false(wire.isOpen)
  link.heal()
  await pass(1_000)
  t.deepEqual(seen, ['closed at the client', 'closed at the server'])
})

test('a paused process sends nothing, and finds what arrived when it continues', async t => {
  const { link, seen, say, hear, pass } = opened()
  say('before')
  link.pause()
  say('question')
  hear('message')
  await pass(60_000)
  t.deepEqual(seen, ['before'])
  link.resume()
  await pass(10)
  t.deepEqual(seen.toSorted(), ['before', 'message', 'question'])
})

test('a paused process learns when it continues that its connection was closed', async t => {
  const { link, seen, pass } = opened()
  link.pause()
  link.cut('closed')
  await pass(60_000)
  t.deepEqual(seen, ['closed at the server'])
  link.heal()
  link.resume()
  await pass(10)
  t.deepEqual(seen, ['closed at the server', 'closed at the client'])
})

test('the server hears of a killed process, and not of one that lost its power', async t => {
  const ends: readonly (readonly [Parameters<Link['end']>[0], readonly string[]])[] = [
    ['killed', ['closed at the server']],
    ['vanished', []],
  ]
  for (const [how, expected] of ends) {
    const { link, seen, hear, pass } = opened()
    link.end(how)
    hear('message')
    await pass(60_000)
    t.deepEqual(seen, expected)
  }
})

test('an answer can be lost after the work was done; a message that is no answer is not', async t => {
  const { link, wire, seen, pass } = opened()
  link.loseAnswers(1)
  wire.toServer(() => {
    seen.push('done')
    wire.toClient(() => seen.push('first answer'), true)
    wire.toClient(() => seen.push('message'))
    wire.toClient(() => seen.push('second answer'), true)
  })
  await pass(10)
  t.deepEqual(seen, ['done', 'message', 'second answer'])
})

test('each side closes its connection, and the other one notices when the link lets it', async t => {
  for (const by of ['client', 'server'] as const) {
    const other = by === 'client' ? 'server' : 'client'
    const { link, wire, seen, pass } = opened()
    link.cut('silent')
    wire.close(by)
    await pass(1_000)
    t.deepEqual(seen, [`closed at the ${by}`])
    link.heal()
    await pass(10)
    t.deepEqual(seen, [`closed at the ${by}`, `closed at the ${other}`])
  }
})
