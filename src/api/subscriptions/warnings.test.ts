import test from 'ava'
import { warningsOf } from './warnings.ts'

const types = ['visit.checked_in', 'visit.checked_out', 'webhook.delivery.exhausted']
const settings = { url: 'https://receiver.example/hook?token=a', eventTypes: ['visit.*'] }
const other = (change: object = {}) => ({ id: 'sub_other', ...settings, ...change })
const detailsOf = (others: Parameters<typeof warningsOf>[1], change: object = {}) =>
  warningsOf({ ...settings, ...change }, others, types).map(({ pointer, detail }) => `${pointer} ${detail}`)

test('a second subscription with the same url and a type in common is named, without the url', t => {
  const sent = (what: string) =>
    `/url is the url of sub_other too, which also receives ${what}: such an event is sent twice. Delete one of them if that is not wanted`
  for (const [change, what] of [
    [{}, 'visit.checked_in and 1 more'],
    [{ eventTypes: ['*'] }, 'visit.checked_in and 1 more'],
    [{ eventTypes: ['visit.checked_out', 'webhook.delivery.exhausted'] }, 'visit.checked_out'],
    [{ url: 'HTTPS://Receiver.example:443/hook?token=a' }, 'visit.checked_in and 1 more'],
    [{ filter: { site: ['a'] } }, 'visit.checked_in and 1 more'],
  ] as const)
    t.deepEqual(detailsOf([other(change)]), [sent(what)], JSON.stringify(change))
})

test('subscriptions that send no event twice are not named', t => {
  for (const change of [
    { url: 'https://receiver.example/hook?token=b' },
    { url: 'https://receiver.example/Hook?token=a' },
    { eventTypes: ['webhook.delivery.exhausted'] },
    { url: 'not a url' },
  ])
    t.deepEqual(detailsOf([other(change)]), [], JSON.stringify(change))
  t.deepEqual(detailsOf([]), [])
})

test('filters that split the events between two subscriptions cause no warning', t => {
  const filter = { site: ['a', 'b'], host: ['h'] }
  const warned = (filterOfOther: object) => detailsOf([other({ filter: filterOfOther })], { filter }).length
  t.deepEqual(
    [{ site: ['c'] }, { site: ['b'], host: ['i'] }, { site: ['b'] }, { host: ['h'] }, { visitor: ['v'] }, filter].map(
      warned,
    ),
    [0, 0, 1, 1, 1, 1],
  )
})

test('a header with an underscore is named', t => {
  t.deepEqual(detailsOf([], { headers: { api_key: 'a', 'x-key': 'b', x_y: 'c' } }), [
    '/headers/api_key has an underscore: nginx and others drop such headers by default. Use a hyphen if you can choose',
    '/headers/x_y has an underscore: nginx and others drop such headers by default. Use a hyphen if you can choose',
  ])
})
