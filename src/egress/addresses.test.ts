import test from 'ava'
import { addressOf, createAddressGuard } from './addresses.ts'

const guard = createAddressGuard([])

/**
 * The blocks of the IANA IPv4 and IPv6 Special-Purpose Address Registries, multicast, and the forms that carry an IPv4 address, each with its
 * first and last address. Doorbell reaches none of them, not even the few that are globally reachable: they are relays and name servers.
 */
const special: readonly (readonly [name: string, first: string, last: string])[] = [
  ['this network', '0.0.0.0', '0.255.255.255'],
  ['private', '10.0.0.0', '10.255.255.255'],
  ['shared', '100.64.0.0', '100.127.255.255'],
  ['loopback', '127.0.0.0', '127.255.255.255'],
  ['link local, with the clouds’ metadata', '169.254.0.0', '169.254.255.255'],
  ['private', '172.16.0.0', '172.31.255.255'],
  ['protocol assignments', '192.0.0.0', '192.0.0.255'],
  ['documentation', '192.0.2.0', '192.0.2.255'],
  ['AS112', '192.31.196.0', '192.31.196.255'],
  ['AMT', '192.52.193.0', '192.52.193.255'],
  ['6to4 relay', '192.88.99.0', '192.88.99.255'],
  ['private', '192.168.0.0', '192.168.255.255'],
  ['AS112', '192.175.48.0', '192.175.48.255'],
  ['benchmarking', '198.18.0.0', '198.19.255.255'],
  ['documentation', '198.51.100.0', '198.51.100.255'],
  ['documentation', '203.0.113.0', '203.0.113.255'],
  ['multicast', '224.0.0.0', '239.255.255.255'],
  ['reserved and broadcast', '240.0.0.0', '255.255.255.255'],
  ['wire server of Azure', '168.63.129.16', '168.63.129.16'],
  ['unspecified', '::', '::'],
  ['loopback', '::1', '::1'],
  ['IPv4-compatible', '::7f00:1', '::a00:1'],
  ['IPv4-compatible, as a resolver writes it', '::127.0.0.1', '::10.0.0.1'],
  ['IPv4-mapped', '::ffff:127.0.0.1', '::ffff:192.168.255.255'],
  ['IPv4-mapped in hexadecimal', '::ffff:7f00:1', '::ffff:a9fe:a9fe'],
  ['IPv4-mapped wire server', '::ffff:168.63.129.16', '::ffff:a83f:8110'],
  ['NAT64', '64:ff9b::', '64:ff9b::ffff:ffff'],
  ['NAT64 of a public address', '64:ff9b::808:808', '64:ff9b::8.8.8.8'],
  ['local NAT64', '64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
  ['discard', '100::', '100::ffff:ffff:ffff:ffff'],
  ['dummy', '100:0:0:1::', '100:0:0:1:ffff:ffff:ffff:ffff'],
  ['protocol assignments', '2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['Teredo', '2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['benchmarking', '2001:2::', '2001:2:0:ffff:ffff:ffff:ffff:ffff'],
  ['AMT', '2001:3::', '2001:3:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['AS112', '2001:4:112::', '2001:4:112:ffff:ffff:ffff:ffff:ffff'],
  ['ORCHID', '2001:10::', '2001:1f:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['ORCHIDv2', '2001:20::', '2001:2f:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['drones', '2001:30::', '2001:3f:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['documentation', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['6to4', '2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['AS112', '2620:4f:8000::', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff'],
  ['documentation', '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['not yet public', '4000::', '5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['segment routing', '5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['unique local, with the clouds’ metadata', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['link local', 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['site local', 'fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['multicast', 'ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
]

test('no delivery reaches an address of a special-purpose block, in whichever form it is written', t => {
  for (const [name, ...ends] of special)
    for (const address of ends) t.false(guard.allows(address), `${name} ${address}`)
})

test('the public addresses on both sides of the blocks are reached', t => {
  const neighbours = `1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255
    169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255
    198.20.0.0 203.0.112.255 203.0.114.0 223.255.255.255 168.63.129.15 168.63.129.17 ::ffff:93.184.216.34 2000::
    2001:200:: 2001:db7:ffff:: 2001:db9:: 2003:: 2606:4700::1111 3ffe:ffff:: 3fff:1000::`
  for (const address of neighbours.split(/\s+/)) t.true(guard.allows(address), address)
})

test('what is not an address is not reached', t => {
  for (const text of ['', 'localhost', 'receiver.example', '93.184.216.34 ', '::g']) t.false(guard.allows(text), text)
})

test('the operator’s ranges are reached exactly, in IPv4, IPv6 and the mapped form', t => {
  const own = createAddressGuard(['10.1.0.0/16', 'fd00:1::/32', '168.63.129.16/32'])
  for (const address of ['10.1.0.0', '10.1.255.255', '::ffff:10.1.2.3', 'fd00:1::1', '168.63.129.16', '93.184.216.34'])
    t.true(own.allows(address), address)
  for (const address of ['10.0.255.255', '10.2.0.0', 'fd00:2::1', '127.0.0.1', '::1'])
    t.false(own.allows(address), address)
})

test('a host that is an address loses its brackets, and a name is none', t => {
  t.is(addressOf('[::1]'), '::1')
  t.is(addressOf('127.0.0.1'), '127.0.0.1')
  t.is(addressOf('receiver.example'), null)
})
