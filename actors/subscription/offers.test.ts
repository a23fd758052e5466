import test from 'ava'
import { aDelivery } from '../../test/support/supervised-values.ts'
import { createOffers } from './offers.ts'

test('an offer resolves once: to its durable row, or to its return to the stream', async t => {
  const offers = createOffers()
  const [recorded, returned] = [offers.open(aDelivery(1)), offers.open(aDelivery(2))]
  offers.recorded('1.sub_1')
  offers.handedBack('1.sub_1')
  offers.handedBack('2.sub_1')
  t.deepEqual([await recorded, await returned], ['recorded', 'handed_back'])
})

test('a delivery that is under way has one result for all who offer it, until it is settled', async t => {
  const offers = createOffers()
  t.is(offers.underWay('1.sub_1'), undefined)
  const result = offers.open(aDelivery(1))
  t.is(offers.underWay('1.sub_1'), result)
  t.is(offers.underWay('2.sub_1'), undefined)
  offers.recorded('1.sub_1')
  t.is(offers.underWay('1.sub_1'), undefined)
  await result
})

test('a restart begins with the offers that were received and are not settled, in their order', t => {
  const offers = createOffers()
  for (const event of [1, 2, 3, 4]) void offers.open(aDelivery(event))
  for (const event of [3, 1, 2]) offers.received(`${event}.sub_1`)
  offers.received('unknown')
  offers.recorded('2.sub_1')
  t.deepEqual(
    offers.inHand().map(({ eventId }) => eventId),
    ['1', '3'],
  )
})

test('at the end every offer that is not settled returns to the stream', async t => {
  const offers = createOffers()
  const results = [offers.open(aDelivery(1)), offers.open(aDelivery(2))]
  offers.received('1.sub_1')
  offers.handBackAll()
  t.deepEqual(await Promise.all(results), ['handed_back', 'handed_back'])
  t.deepEqual(offers.inHand(), [])
})
