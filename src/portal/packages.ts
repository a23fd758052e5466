import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../assets/package-folder.ts'

/** A package from which the page loads files. */
export interface ServedPackage {
  readonly name: string
  readonly version: string
  /** The absolute path of its folder. */
  readonly folder: string
}

/** A file that each package exports, by which its folder is found. */
const exported = {
  preact: 'preact',
  htm: 'htm',
  '@preact/signals': '@preact/signals',
  '@preact/signals-core': '@preact/signals-core',
  'eventsource-parser': 'eventsource-parser',
  uplot: 'uplot',
  '@fontsource-variable/geist': '@fontsource-variable/geist/index.css',
  '@fontsource-variable/geist-mono': '@fontsource-variable/geist-mono/index.css',
} as const

type Name = keyof typeof exported

/** Bare names in the page’s modules, with the package and the file that each stands for. */
const imports: Readonly<Record<string, readonly [Name, string]>> = {
  preact: ['preact', 'dist/preact.mjs'],
  'preact/hooks': ['preact', 'hooks/dist/hooks.mjs'],
  htm: ['htm', 'dist/htm.module.js'],
  '@preact/signals': ['@preact/signals', 'dist/signals.module.js'],
  '@preact/signals-core': ['@preact/signals-core', 'dist/signals-core.module.js'],
  'eventsource-parser': ['eventsource-parser', 'dist/index.js'],
  'eventsource-parser/stream': ['eventsource-parser', 'dist/stream.js'],
  uplot: ['uplot', 'dist/uPlot.esm.js'],
}

const styles: readonly (readonly [Name, string])[] = [
  ['@fontsource-variable/geist', 'index.css'],
  ['@fontsource-variable/geist-mono', 'index.css'],
  ['uplot', 'dist/uPlot.min.css'],
]

/** The packages that the page uses, and the addresses of their files. An address names the version, so a browser can keep the file for good. */
export const servedPackages = () => {
  const found = new Map(Object.entries(exported).map(([name, file]) => [name, locate(name, file)]))
  const address = (name: Name, file: string): string => `/portal/lib/${name}@${found.get(name)?.version}/${file}`
  return {
    importMap: { imports: Object.fromEntries(Object.entries(imports).map(([bare, at]) => [bare, address(...at)])) },
    styles: styles.map(at => address(...at)),
    packages: new Map([...found.values()].map(one => [`${one.name}@${one.version}`, one])),
  }
}

const locate = (name: string, file: string): ServedPackage => {
  const folder = packageFolder(name, file)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return { name, version, folder }
}
