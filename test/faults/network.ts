import { type Scenario, underWay, verified, wait } from './scenario.ts'
import { setStage } from './stage.ts'
import { type Link, missingToxiproxy, startToxiproxy } from './toxiproxy.ts'

type Which = 'nats' | 'mongodb'

const network = (which: Which, name: string, fault: string, weather: (link: Link) => Promise<void>): Scenario => ({
  name: `${which}-${name}`,
  fault: `the network to ${which === 'nats' ? 'NATS' : 'MongoDB'} ${fault}`,
  expectation: 'none lost, at most what was under way doubled, no attempt burned',
  full: 5_000,
  short: null,
  missing: missingToxiproxy,
  run: async count => {
    const toxiproxy = await startToxiproxy()
    const links: Partial<Record<Which, Link>> = {}
    const stage = await setStage({
      via: async (nats, mongo) => {
        links.nats = await toxiproxy.link('nats', nats.ports[0] ?? 0)
        links.mongodb = await toxiproxy.link('mongodb', mongo.ports[0] ?? 0)
        return {
          natsUrl: `nats://127.0.0.1:${links.nats.port}`,
          // Directly: a replica set's members are known by their own addresses, past the proxy.
          mongodbUrl: `mongodb://127.0.0.1:${links.mongodb.port}/?directConnection=true`,
        }
      },
    })
    try {
      await stage.start()
      await stage.subscribe()
      const posting = stage.post(count)
      await stage.receiver.count(Math.floor(count / 3))
      const link = links[which]
      if (link !== undefined) await weather(link)
      const healedAt = Date.now()
      const { refused } = await posting
      await stage.settled(count)
      return { ...(await verified(stage, { accepted: count, mostDoubled: underWay(64), healedAt })), refused }
    } finally {
      await stage.stop()
      toxiproxy.stop()
    }
  },
})

const slow = async (link: Link) => {
  await link.slow(200)
  await wait(8_000)
  await link.heal()
}
const cut = async (link: Link) => {
  await link.cut()
  await wait(8_000)
  await link.heal()
}

/** The network to each server, slowed and cut. */
export const networkScenarios: readonly Scenario[] = (['nats', 'mongodb'] as const).flatMap(which => [
  network(which, 'slow', 'has 200 ms more latency for 8 s', slow),
  network(which, 'cut', 'is cut for 8 s', cut),
])
