import test from 'ava'
import { freePort } from '../../src/embedded/ports.ts'
import { startDoorbell } from '../support/doorbell.ts'

test('a process that is starting answers 503 with Retry-After, and nobody is kept waiting', async t => {
  const port = await freePort(0)
  const url = `http://127.0.0.1:${port}/livez`
  const starting = startDoorbell(t, { port })
  const statuses: number[] = []
  while (statuses.at(-1) !== 200) {
    const answer = await fetch(url).catch(() => null)
    if (answer === null) continue
    statuses.push(answer.status)
    if (answer.status === 503) t.like(await answer.json(), { status: 503, code: 'starting' })
    else await answer.text()
  }
  t.true(statuses.includes(503), 'it was asked while it started')
  await starting
})
