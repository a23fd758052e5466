import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import packageJson from '../../package.json' with { type: 'json' }
import { nodeFlags } from './node-flags.ts'

test('every command that starts the service gives Node the same flags', async t => {
  const scripts = Object.values<string>(packageJson.scripts).filter(command => command.endsWith(' src/main.ts'))
  t.true(scripts.length >= 2, 'start and dev')
  for (const command of scripts) t.true(command.includes(` ${nodeFlags.join(' ')} --import `), command)
  const dockerfile = await readFile(join(import.meta.dirname, '../../Dockerfile'), 'utf8')
  const commands = dockerfile.split('\n').filter(line => line.startsWith('CMD ') && line.includes('src/main.ts'))
  t.is(commands.length, 1)
  for (const command of commands)
    t.deepEqual((JSON.parse(command.slice('CMD '.length)) as string[]).slice(1, 1 + nodeFlags.length), [...nodeFlags])
})
