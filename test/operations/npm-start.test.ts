import test from 'ava'
import { openDataFolder } from '../../src/embedded/data-folder.ts'
import { startProcess, temporaryFolder } from '../support/service-process.ts'

test('a SIGTERM to `npm start` stops the service and the servers that it started', async t => {
  const folder = await temporaryFolder(t)
  const { child, ended, output } = await startProcess({ DOORBELL_DATA_DIR: folder }, ['npm', 'start'])
  child.kill('SIGTERM')
  t.is(await ended, 0, output())
  // A service that runs holds its folder until its servers have ended.
  const again = await openDataFolder(folder)
  await again.release()
})
