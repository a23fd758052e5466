import { join } from 'node:path'
import { API } from 'typescript/unstable/sync'

/** Checks types in a copy of the project whose files change one by one, in milliseconds. */
export interface Compiler {
  /** True when the file, which has changed since, has no error. */
  accepts(file: string): boolean
  /** True when no file has an error after this one has changed. It takes seconds. */
  acceptsAll(file: string): boolean
  close(): void
}

/** Loads the project once. */
export const createCompiler = (root: string): Compiler => {
  const config = join(root, 'tsconfig.json')
  const api = new API({ cwd: root })
  let snapshot = api.updateSnapshot({ openProjects: [config] })
  const errors = (changed: string, checked?: string) => {
    const next = api.updateSnapshot({ fileChanges: { changed: [changed] } })
    snapshot.dispose()
    snapshot = next
    return snapshot.getProject(config)?.program.getSemanticDiagnostics(checked) ?? []
  }
  return {
    accepts: file => errors(join(root, file), join(root, file)).length === 0,
    acceptsAll: file => errors(join(root, file)).length === 0,
    close: () => api.close(),
  }
}
