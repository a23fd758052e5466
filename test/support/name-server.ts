import { createSocket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Addresses of both families; or an answer that the name does not exist, that the server has failed, or none at all. */
export type NameAnswer = readonly string[] | 'no such name' | 'failure' | 'silence'

export interface NameServer {
  /** For DOORBELL_EGRESS_DNS. */
  readonly address: string
  /** The questions so far, e.g. `A good.example`. */
  readonly asked: readonly string[]
}

const types: Readonly<Record<number, 'A' | 'AAAA' | 'NS'>> = { 1: 'A', 28: 'AAAA', 2: 'NS' }
const responseCodes = { 'no such name': 3, failure: 2 } as const

/** Starts a DNS server on this machine that answers as the test wants, with records that are valid for `ttlS`. */
export const startNameServer = async (
  t: { teardown(stop: () => unknown): void },
  answer: (name: string) => NameAnswer,
  { ttlS = 60 }: { readonly ttlS?: number } = {},
): Promise<NameServer> => {
  const socket = createSocket('udp4')
  const asked: string[] = []
  socket.on('message', (query, from) => {
    const { name, end } = readName(query)
    const type = types[query.readUInt16BE(end)] ?? 'NS'
    asked.push(`${type} ${name}`)
    const found = answer(name)
    if (found === 'silence') return
    const addresses = typeof found === 'string' ? [] : found.filter(each => type === (isIPv4(each) ? 'A' : 'AAAA'))
    const code = typeof found === 'string' ? responseCodes[found] : 0
    const head = Buffer.from(query.subarray(0, 12))
    // An answer, of a resolver that recurses.
    head.writeUInt16BE(0x8180 + code, 2)
    head.writeUInt16BE(addresses.length, 6)
    head.fill(0, 8)
    socket.send(
      Buffer.concat([head, query.subarray(12, end + 4), ...addresses.map(each => record(each, ttlS))]),
      from.port,
    )
  })
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  t.teardown(() => socket.close())
  return { address: `127.0.0.1:${socket.address().port}`, asked }
}

const readName = (query: Buffer): { readonly name: string; readonly end: number } => {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

/** A record of the name that was asked for. */
const record = (address: string, ttlS: number): Buffer => {
  const data = Buffer.from(ipaddr.parse(address).toByteArray())
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(data.length === 4 ? 1 : 28, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(ttlS, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}
