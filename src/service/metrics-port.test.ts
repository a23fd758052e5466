import test from 'ava'
import { Failure } from '../domain/failure.ts'
import { serveMetrics } from './metrics-port.ts'

test('/metrics has a port of its own, which serves nothing else', async t => {
  let text = () => Promise.resolve('doorbell_up 1\n')
  const address = { host: '127.0.0.1', port: 0 }
  const server = await serveMetrics({ text: () => text() }, address)
  t.teardown(server.stop)
  t.regex(server.url, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
  for (const url of [server.url, `${server.url}?name=up`]) {
    const answer = await fetch(url)
    t.deepEqual([answer.status, await answer.text()], [200, 'doorbell_up 1\n'])
    t.is(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  }
  const root = await fetch(new URL('/', server.url))
  t.deepEqual([root.status, await root.text()], [404, ''])
  const posted = await fetch(server.url, { method: 'POST' })
  t.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET'])
  text = () => Promise.reject(new Error('not now'))
  t.is((await fetch(server.url)).status, 500)

  const port = Number(new URL(server.url).port)
  const error = await t.throwsAsync(serveMetrics({ text }, { ...address, port }), { instanceOf: Failure })
  t.regex(error.message, /DOORBELL_METRICS_PORT/)

  const hanging = Promise.withResolvers<void>()
  text = () => (hanging.resolve(), new Promise(() => undefined))
  const underWay = t.throwsAsync(fetch(server.url))
  await hanging.promise
  await server.stop()
  await underWay
  await t.throwsAsync(fetch(server.url))
})
