import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The absolute path of an installed package's folder. `exported` is a module or file that the package exports: packages without
 * `./package.json` among their exports can be found only by one. Throws when the file is not in the package.
 */
export const packageFolder = (name: string, exported: string): string => {
  let folder = dirname(fileURLToPath(import.meta.resolve(exported)))
  while (!folder.endsWith(join('node_modules', ...name.split('/')))) {
    if (folder === dirname(folder)) throw new Error(`the package ${name} does not contain ${exported}`)
    folder = dirname(folder)
  }
  return folder
}
