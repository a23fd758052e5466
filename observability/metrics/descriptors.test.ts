import test from 'ava'
import { descriptorLimit, openDescriptors } from './descriptors.ts'

const limits = (soft: string) => `Limit                     Soft Limit           Hard Limit           Units
Max processes             127                  127                  processes
Max open files            ${soft}                 1048576              files
`
const missing = () => {
  throw new Error('no such file')
}

test('the soft limit of open files is the one that counts; one that is not known is none', t => {
  t.is(
    descriptorLimit(path => (t.is(path, '/proc/self/limits'), limits('1024'))),
    1_024,
  )
  t.is(
    descriptorLimit(() => limits('unlimited')),
    null,
  )
  t.is(descriptorLimit(missing), null)
  if (process.platform === 'linux') t.true((descriptorLimit() ?? 0) > 127)
})

test('open descriptors are counted without the one that counts them', t => {
  t.is(
    openDescriptors(folder => (t.is(folder, '/proc/self/fd'), ['0', '1', '2', '3'])),
    3,
  )
  t.is(openDescriptors(missing), null)
  if (process.platform === 'linux') t.true((openDescriptors() ?? 0) > 2)
})
