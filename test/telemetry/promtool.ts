import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether Prometheus’ own tool is installed. */
export const hasPromtool = (): boolean => spawnSync('promtool', ['--version']).status === 0

/** Runs promtool on a file with this content, which is YAML or JSON. Returns whether it succeeded, and its output. */
export const promtool = (
  args: readonly string[],
  content: unknown,
): { readonly ok: boolean; readonly said: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-promtool-'))
  try {
    const file = join(folder, 'file.yml')
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
    const { status, stdout, stderr } = spawnSync('promtool', [...args, file], { encoding: 'utf8' })
    return { ok: status === 0, said: stdout + stderr }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
