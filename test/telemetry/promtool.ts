import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether Prometheus’ own tool is installed. */
export const hasPromtool = (): boolean => spawnSync('promtool', ['--version']).status === 0

/**
 * Runs promtool on files with these contents, which are YAML or JSON. A file may refer to one `beside` it by its name. Returns whether it
 * succeeded, and its output.
 */
export const promtool = (
  args: readonly string[],
  contents: Readonly<Record<string, unknown>>,
  beside: Readonly<Record<string, unknown>> = {},
): { readonly ok: boolean; readonly said: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-promtool-'))
  try {
    for (const [name, content] of Object.entries({ ...contents, ...beside }))
      writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
    const files = Object.keys(contents)
    const { status, stdout, stderr } = spawnSync('promtool', [...args, ...files], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 50_000,
    })
    return { ok: status === 0, said: stdout + stderr }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
