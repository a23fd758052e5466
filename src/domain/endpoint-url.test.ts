import test from 'ava'
import fc from 'fast-check'
import { endpointUrl } from './endpoint-url.ts'

test('a url in rows, logs and spans has no credentials, no value of its query and no bare token', t => {
  for (const [url, shown] of [
    ['https://receiver.example/hook', 'https://receiver.example/hook'],
    ['https://user:secret@receiver.example/hook', 'https://receiver.example/hook'],
    ['https://secret@receiver.example/', 'https://receiver.example/'],
    ['https://receiver.example/hook?token=secret', 'https://receiver.example/hook?token=***'],
    ['https://receiver.example/?a=secret&b=secret&a=secret', 'https://receiver.example/?a=***&b=***&a=***'],
    ['https://receiver.example/?a=secret=secret', 'https://receiver.example/?a=***'],
    ['https://receiver.example/?a=&b', 'https://receiver.example/?a=***&***'],
    ['https://receiver.example/?secret', 'https://receiver.example/?***'],
    ['https://receiver.example/?secret?secret', 'https://receiver.example/?***'],
  ] as const)
    t.is(endpointUrl(url)?.shown, shown, url)
})

const text = fc.stringMatching(/^[A-Za-z0-9%+/=]{0,20}$/).map(each => `${each}SECRET`)
test('no secret in the credentials or the query of any url is shown', t => {
  fc.assert(
    fc.property(text, text, fc.array(fc.tuple(fc.constantFrom('a=', 'b=', '', '='), text)), (user, password, query) => {
      const search = query.map(([name, value]) => name + value).join('&')
      const login = [user, password].map(encodeURIComponent).join(':')
      const url = `https://${login}@receiver.example/hook?${search}`
      t.false((endpointUrl(url)?.shown ?? '').includes('SECRET'), url)
    }),
  )
})

test('what is sent keeps the query, and goes to the origin', t => {
  t.deepEqual(endpointUrl('https://u:p@receiver.example:8443/hook/1?token=secret&b'), {
    protocol: 'https:',
    origin: 'https://receiver.example:8443',
    hostname: 'receiver.example',
    path: '/hook/1?token=secret&b',
    shown: 'https://receiver.example:8443/hook/1?token=***&***',
  })
  t.is(endpointUrl('http://receiver.example')?.path, '/')
})

test('a text that is not a url has no parts', t => {
  for (const bad of ['', 'receiver.example', '/hook', 'https://']) t.is(endpointUrl(bad), null)
})

test('the parts of a url are read once, and the last 10,000 urls are kept', t => {
  const url = 'https://first.example/'
  const first = endpointUrl(url)
  for (let count = 1; count < 10_000; count += 1) endpointUrl(`https://receiver.example/${count}`)
  t.is(endpointUrl(url), first)
  endpointUrl('https://last.example/')
  t.not(endpointUrl(url), first)
})
