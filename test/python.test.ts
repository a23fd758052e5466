import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { checkIn, startDoorbell, subscribe } from './doorbell.ts'
import { pythonPackages } from './python-packages.ts'
import { startReceiver } from './receiver.ts'

const folder = join(import.meta.dirname, 'python')

const path = pythonPackages(join(folder, 'requirements.txt'))
const whenThereIsPython = path === null ? test.skip : test

whenThereIsPython(
  'a JOSE library of another language verifies a webhook from the key set alone, and refuses an altered one',
  async t => {
    const receiver = await startReceiver(t)
    const doorbell = await startDoorbell(t)
    const { id } = await subscribe(doorbell, receiver.url)
    const { body } = await doorbell.call('POST', '/v1/tenants/acme/events', checkIn())
    const [arrival] = await receiver.count(1)
    const { url } = doorbell.service
    const verify = async (request: object): Promise<unknown> => {
      const args = [join(folder, 'verify_jws.py'), `${url}/.well-known/jwks.json`, url, id]
      const running = promisify(execFile)('python3', args, { env: { ...process.env, PYTHONPATH: path ?? '' } })
      running.child.stdin?.end(JSON.stringify(request))
      return JSON.parse((await running).stdout)
    }
    const request = { jws: arrival?.headers['webhook-jws'], body: arrival?.body }
    t.deepEqual(await verify(request), { eid: body['id'], type: 'visit.checked_in' })
    const error = await t.throwsAsync(verify({ ...request, body: request.body?.replace('visit-1', 'visit-2') }))
    t.true(error?.message.includes('BadSignatureError'))
  },
)
