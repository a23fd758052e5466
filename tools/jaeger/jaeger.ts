/**
 * `npm run jaeger`: runs Jaeger on 127.0.0.1, from PATH or the cache, or built with Go. `-- --build` only builds it, for a machine that
 * is being prepared.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { cachedJaeger, findJaeger, startJaeger, usualPorts } from './start.ts'

const say = (text: string) => process.stdout.write(`${text}\n`)

const build = (): string | null => {
  if (spawnSync('go', ['version']).status !== 0) return null
  say('Building Jaeger with Go; the first time this takes 5 to 15 minutes …')
  const target = cachedJaeger()
  mkdirSync(dirname(target), { recursive: true })
  const flags = ['-trimpath', '-ldflags=-s -w', '-o', `${target}.new`]
  const args = ['build', ...flags, 'github.com/jaegertracing/jaeger/cmd/jaeger']
  execFileSync('go', args, { cwd: import.meta.dirname, stdio: 'inherit' })
  renameSync(`${target}.new`, target)
  return target
}

const run = async (binary: string): Promise<void> => {
  const { child, queryUrl, otlpUrl } = await startJaeger(binary, { ports: usualPorts, stdio: 'inherit' })
  say(`Jaeger      ${queryUrl}`)
  say(`            A Jaeger built from source has only the API: ${queryUrl}/api/traces?service=doorbell`)
  say(`Doorbell    OTEL_EXPORTER_OTLP_ENDPOINT=${otlpUrl} DOORBELL_JAEGER_URL=${queryUrl} npm start`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  child.once('exit', code => process.exit(code ?? 0))
}

const { values } = parseArgs({ options: { build: { type: 'boolean', default: false } } })
const binary = findJaeger() ?? build()
if (binary === null) {
  say('There is no Jaeger on PATH, and no Go to build it with. Put Jaeger v2 (jaegertracing.io/download) on PATH,')
  say('or install Go, or run "docker compose up jaeger".')
  process.exitCode = 1
} else if (!values.build) await run(binary)
