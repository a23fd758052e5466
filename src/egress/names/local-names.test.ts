import { join } from 'node:path'
import test from 'ava'
import { hostsFile, localNames } from './local-names.ts'
import { lookEveryMs } from './watched-file.ts'

test('the hosts file comes first, with every address of a name, whatever its case; localhost is this machine', t => {
  const text = [
    '# comment',
    '192.0.2.1 Receiver.example other.example # receiver2.example',
    '2001:db8::1\treceiver.example',
    '192.0.2.1 receiver.example',
    'fe80::1%lo0 scoped.example',
    'not-an-address wrong.example',
    '192.0.2.9 shop.localhost',
  ].join('\n')
  const local = localNames(() => 0, { stat: () => ({ mtimeMs: 1, size: 1, ino: 1 }), read: () => text })
  const both = [
    { address: '192.0.2.1', family: 4 },
    { address: '2001:db8::1', family: 6 },
  ]
  t.deepEqual(local('receiver.example'), both)
  t.deepEqual(local('RECEIVER.example.'), both)
  t.deepEqual(local('other.example'), both.slice(0, 1))
  for (const unknown of ['receiver2.example', 'wrong.example', 'example', '']) t.is(local(unknown), null, unknown)
  const loopback = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]
  for (const name of ['localhost', 'a.localhost', 'LOCALHOST.']) t.deepEqual(local(name), loopback)
  t.deepEqual(local('shop.localhost'), [{ address: '192.0.2.9', family: 4 }])
})

test('a changed hosts file counts after a second, and one that cannot be read is empty', t => {
  let [now, mtimeMs, reads, missing] = [0, 1, 0, false]
  const local = localNames(() => now, {
    stat: path => {
      t.is(path, hostsFile(process.platform))
      if (missing) throw new Error('no such file')
      return { mtimeMs, size: 1, ino: 1 }
    },
    read: () => `192.0.2.${++reads} receiver.example`,
  })
  const addressAt = (ms: number) => {
    now = ms
    return local('receiver.example')?.[0]?.address
  }
  t.is(addressAt(0), '192.0.2.1')
  mtimeMs = 2
  t.is(addressAt(lookEveryMs - 1), '192.0.2.1')
  t.is(addressAt(lookEveryMs), '192.0.2.2')
  t.is(addressAt(2 * lookEveryMs), '192.0.2.2')
  missing = true
  t.is(addressAt(3 * lookEveryMs), undefined)
  missing = false
  t.is(addressAt(4 * lookEveryMs), '192.0.2.3')
})

test('Windows has its hosts file in the system folder', t => {
  t.is(hostsFile('linux'), '/etc/hosts')
  t.is(hostsFile('win32', 'D:\\Win'), join('D:\\Win', 'System32', 'drivers', 'etc', 'hosts'))
  t.true(hostsFile('win32').startsWith('C:\\Windows'))
})
