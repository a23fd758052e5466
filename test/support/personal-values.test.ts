import test from 'ava'
import { createPersonalSearch, personalValuesIn } from './personal-values.ts'

const find = createPersonalSearch(['Élodie'])

test('names, e-mail addresses and phone numbers are found wherever they stand in a line', t => {
  t.is(find('{"msg":"no such visitor: Anna"}'), 'Anna')
  t.is(find('\n\u0012\u0007Tom Peeters\u0018'), 'Tom Peeters', 'as in protobuf')
  t.is(find('by Élodie.'), 'Élodie')
  t.is(find('user someone.else@example.org failed'), 'someone.else@example.org')
  t.is(find('call +32 470 12 34 56'), '+32 470 12 34 56')
})

test('ids, times and words are no personal values', t => {
  for (const line of ['Annals of Jansenism', 'evt_01HXAnnaJansen', '2026-03-02T08:56:12+01:00', 'sub_1@', 'nats@2.15'])
    t.is(find(line), null, line)
})

test('values of people are read from what a test posts', t => {
  const event = {
    data: { visitor: { id: 'Visitor', firstName: 'Élodie', lastName: 'x' }, host: { name: 'Jo Ann Roe' } },
  }
  t.deepEqual(personalValuesIn({ events: [event, event] }), ['Élodie', 'Jo Ann Roe'])
})
