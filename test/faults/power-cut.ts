import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Scenario, underWay, verified, wait } from './scenario.ts'
import { setStage, type Stage } from './stage.ts'

/**
 * What a power cut takes is what was written and not flushed. nats-server runs under strace, which notes each write to a message file and
 * each fsync. At a kill -9 in the middle of the publishing every message file is cut back to what was written before its last fsync
 * began, the index that it could be read by is removed, and the server starts on what is left.
 */
export const powerCut: Scenario = {
  name: 'power-cut',
  fault:
    'the power of nats-server’s machine is cut (simulated: its message files are cut back to their last fsync), with sync always',
  expectation: 'every event that was answered 202 is still in the stream; with sync interval the same cut takes some',
  full: 3_000,
  short: null,
  missing: async () => (spawnSync('strace', ['--version']).error ? 'needs strace on PATH' : null),
  run: async count => {
    const withInterval = await cutPower('2m', count, async () => undefined)
    // The imitation bites: without a flush for each event there is something to lose.
    assert.ok(withInterval.cutBytes > 0, `with sync interval nothing was cut`)
    let figures = {}
    const withAlways = await cutPower('always', count, async (stage, posting) => {
      const [server] = stage.nats.nodes
      await server?.start()
      const healedAt = Date.now()
      await posting
      await stage.settled(count)
      figures = await verified(stage, { accepted: count, mostDoubled: underWay(64), healedAt })
    })
    return { ...figures, 'cut bytes': withAlways.cutBytes, 'cut bytes with interval': withInterval.cutBytes }
  },
}

const cutPower = async (
  sync: 'always' | '2m',
  count: number,
  after: (stage: Stage, posting: Promise<unknown>) => Promise<void>,
): Promise<{ cutBytes: number }> => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-power-'))
  const trace = join(folder, 'trace')
  const strace = ['-f', '-y', '-s', '0', '-e', 'trace=pwrite64,write,fsync,fdatasync', '-o', trace]
  const stage = await setStage({
    nats: { sync, wrap: (binary, args) => ({ binary: 'strace', args: [...strace, binary, ...args] }) },
  })
  try {
    await stage.start()
    await stage.subscribe()
    const posting = stage.post(count)
    await stage.receiver.count(Math.floor(count / 3))
    const [data = ''] = stage.nats.folders
    process.kill(Number(await readFile(`${data}.pid`, 'utf8')), 'SIGKILL')
    await stage.nats.nodes[0]?.kill()
    await wait(500)
    const cutBytes = await cutBack(data, durableLengths(await readFile(trace, 'utf8')))
    await after(stage, posting)
    return { cutBytes }
  } finally {
    await stage.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** For each file: how far it was written when its last completed fsync began. Message files only grow. */
const durableLengths = (trace: string): Map<string, number> => {
  const written = new Map<string, number>()
  const durable = new Map<string, number>()
  /** Calls that another thread's line interrupted: thread → what it had begun, with the length at that moment. */
  const begun = new Map<string, { path: string; length: number; sync: boolean; end: number }>()
  for (const line of trace.split('\n')) {
    const thread = /^\d+/.exec(line)?.[0] ?? ''
    const call = /^\d+ +(pwrite64|fsync|fdatasync)\(\d+<([^>]*\.blk)>(?:, [^,]*, (\d+), (\d+))?/.exec(line)
    if (call !== null) {
      const [, name = '', path = '', length = '0', offset = '0'] = call
      const sync = name !== 'pwrite64'
      begun.set(thread, { path, sync, length: written.get(path) ?? 0, end: Number(length) + Number(offset) })
    } else if (!line.includes(' resumed>')) continue
    const done = begun.get(thread)
    if (done === undefined || !/ = \d+$/.test(line)) continue
    begun.delete(thread)
    if (done.sync) durable.set(done.path, Math.max(durable.get(done.path) ?? 0, done.length))
    else written.set(done.path, Math.max(written.get(done.path) ?? 0, done.end))
  }
  return durable
}

/** Cuts every message file back, and removes what it could be read by; answers with the bytes that were taken. */
const cutBack = async (folder: string, durable: ReadonlyMap<string, number>): Promise<number> => {
  let cut = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.name === 'index.db') await rm(path)
    if (!entry.name.endsWith('.blk') || !path.includes('/VISITS/msgs/')) continue
    const { size } = await stat(path)
    const kept = durable.get(path) ?? 0
    cut += Math.max(0, size - kept)
    if (kept < size) await truncate(path, kept)
  }
  return cut
}
