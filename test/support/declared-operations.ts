import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Operation } from '../../src/api/operation/operation.ts'

const folder = join(import.meta.dirname, '../../src/api')

const isOperation = (value: unknown): value is Operation =>
  typeof value === 'object' && value !== null && 'id' in value && 'path' in value && 'access' in value

/**
 * Every call that src/api declares: a test that walks them includes a call that is added later. `/openapi.json` lists the same ones
 * (src/api/declared.test.ts).
 */
export const declaredOperations = async (): Promise<readonly Operation[]> => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const declaring = files.filter(file => file.endsWith('operations.ts') && !file.startsWith('operation')).toSorted()
  const modules = await Promise.all(declaring.map(file => import(join(folder, file)) as Promise<object>))
  return modules
    .flatMap(exports => Object.values(exports))
    .filter(value => typeof value === 'object' && value !== null)
    .flatMap(group => Object.values(group as object))
    .filter(isOperation)
}

/** The path of a call with these parameters. */
export const pathOf = ({ path }: Pick<Operation, 'path'>, params: Readonly<Record<string, string>>): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? `no ${name}`))
