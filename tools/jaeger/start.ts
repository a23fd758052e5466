import { type ChildProcess, spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** The file in the user's cache that keeps a built Jaeger. */
export const cachedJaeger = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'doorbell', 'jaeger')

/** Finds a Jaeger v2 binary on PATH or in the cache. Null: there is none. */
export const findJaeger = (): string | null => {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map(folder => join(folder, 'jaeger'))
  return [...onPath, cachedJaeger()].find(isFile) ?? null
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

export interface JaegerPorts {
  readonly query: number
  readonly queryGrpc: number
  readonly otlpHttp: number
  readonly otlpGrpc: number
  readonly health: number
}

/** Jaeger's default ports. */
export const usualPorts: JaegerPorts = {
  query: 16_686,
  queryGrpc: 16_685,
  otlpHttp: 4_318,
  otlpGrpc: 4_317,
  health: 13_133,
}

export interface Jaeger {
  readonly child: ChildProcess
  readonly queryUrl: string
  readonly otlpUrl: string
}

export interface JaegerStart {
  readonly ports: JaegerPorts
  readonly stdio: 'inherit' | 'ignore'
  /** Configuration files; a later one overrides an earlier one. Default: observability/jaeger/config.yaml. */
  readonly configurations?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

const usualConfigurations = [join(import.meta.dirname, '../../observability/jaeger/config.yaml')]

/** Starts Jaeger on 127.0.0.1 and waits until it answers. */
export const startJaeger = async (
  binary: string,
  { ports, stdio, configurations = usualConfigurations, environment = {} }: JaegerStart,
): Promise<Jaeger> => {
  const files = configurations.flatMap(file => ['--config', file])
  const child = spawn(binary, files, {
    stdio,
    env: {
      ...process.env,
      ...environment,
      JAEGER_QUERY_PORT: String(ports.query),
      JAEGER_QUERY_GRPC_PORT: String(ports.queryGrpc),
      JAEGER_OTLP_HTTP_PORT: String(ports.otlpHttp),
      JAEGER_OTLP_GRPC_PORT: String(ports.otlpGrpc),
      JAEGER_HEALTH_PORT: String(ports.health),
    },
  })
  let fault: Error | null = null
  child.once('error', error => (fault = error))
  const queryUrl = `http://127.0.0.1:${ports.query}`
  while (child.exitCode === null && child.signalCode === null && fault === null) {
    const answer = await fetch(`${queryUrl}/api/services`).catch(() => null)
    if (answer?.ok === true) return { child, queryUrl, otlpUrl: `http://127.0.0.1:${ports.otlpHttp}` }
    await wait(100)
  }
  const how = fault ?? child.signalCode ?? `exit code ${child.exitCode}`
  throw new Error(`Jaeger ended at start (${how}): is one of its ports in use?`)
}
