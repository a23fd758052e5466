/** `npm run jaeger`: a real Jaeger on 127.0.0.1; found on PATH or in the cache, else built with Go. `-- --build` ends when it is there. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { cachedJaeger, findJaeger, startJaeger, usualPorts } from './start.ts'

const say = (text: string) => process.stdout.write(`${text}\n`)

const build = (): string | null => {
  if (spawnSync('go', ['version']).status !== 0) return null
  say('Building Jaeger with Go; the first time this takes 5 to 15 minutes …')
  const target = cachedJaeger()
  mkdirSync(dirname(target), { recursive: true })
  const args = [
    'build',
    '-trimpath',
    '-ldflags=-s -w',
    '-o',
    `${target}.new`,
    'github.com/jaegertracing/jaeger/cmd/jaeger',
  ]
  execFileSync('go', args, { cwd: import.meta.dirname, stdio: 'inherit' })
  renameSync(`${target}.new`, target)
  return target
}

const binary = findJaeger() ?? build()
if (binary === null) {
  say(
    'There is no Jaeger on PATH, and no Go to build one with. Put the binary of Jaeger v2 (jaegertracing.io/download) on PATH,',
  )
  say('or install Go, or run "docker compose up jaeger".')
  process.exit(1)
}
// For a machine that is being prepared.
if (process.argv.includes('--build')) process.exit(0)
const { child, queryUrl, otlpUrl } = await startJaeger(binary, { ports: usualPorts, stdio: 'inherit' })
say(
  `Jaeger      ${queryUrl}  (a Jaeger built from source has no page inside, only the API: ${queryUrl}/api/traces?service=doorbell)`,
)
say(`Doorbell    OTEL_EXPORTER_OTLP_ENDPOINT=${otlpUrl} DOORBELL_JAEGER_URL=${queryUrl} npm start`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.once('exit', code => process.exit(code ?? 0))
