import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { say } from './narrate.ts'

export interface RunningDoorbell {
  readonly child: ChildProcess
  readonly url: string
  /** The operator's token. */
  readonly token: string
}

/** Starts a Doorbell with its own ports and data, so that it can run beside another. It exports traces if the environment says so. */
export const startDoorbell = (dataDir: string): Promise<RunningDoorbell> => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: otlp, DOORBELL_JAEGER_URL: jaeger, ...others } = process.env
  const environment = Object.fromEntries(
    Object.entries(others).filter(([name]) => !/^(DOORBELL_|NATS_URL|MONGODB_URL|PUBLIC_URL|HOST$)/.test(name)),
  )
  const child = spawn(process.execPath, ['--import', './observability/register.ts', 'src/main.ts'], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...environment,
      ...(otlp === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: otlp }),
      ...(jaeger === undefined ? {} : { DOORBELL_JAEGER_URL: jaeger }),
      PORT: '0',
      NO_COLOR: '1',
      DOORBELL_DATA_DIR: dataDir,
      // The app's endpoint is on this machine and uses plain http.
      DOORBELL_EGRESS_ALLOW: '127.0.0.0/8',
      DOORBELL_EGRESS_HTTP: 'true',
      DOORBELL_LOG_LEVEL: 'warn',
    },
  })
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr.on('data', data => {
      text += String(data)
      for (const line of String(data).split('\n'))
        if (/^(fetching|downloading|looking|mongod needs)/.test(line)) say(styleText('dim', `  ${line}`))
      const url = /^Doorbell +(\S+)\/$/m.exec(text)?.[1]
      const token = /^operator token +(\S+)$/m.exec(text)?.[1]
      if (url !== undefined && token !== undefined) resolve({ child, url, token })
    })
    child.once('exit', code => reject(new Error(`Doorbell ended with ${code}:\n${text}`)))
  })
}
