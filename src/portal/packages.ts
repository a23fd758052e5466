import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../assets/package-folder.ts'

/** A package whose files the page loads, e.g. `preact`. */
export interface ServedPackage {
  readonly name: string
  readonly version: string
  /** Absolute path of its folder. */
  readonly folder: string
}

/** Packages without `./package.json` among their exports are found by a file that they do export. */
const anchors = {
  preact: 'preact',
  htm: 'htm',
  '@preact/signals': '@preact/signals',
  '@preact/signals-core': '@preact/signals-core',
  'eventsource-parser': 'eventsource-parser',
  uplot: 'uplot',
  '@fontsource-variable/geist': '@fontsource-variable/geist/index.css',
  '@fontsource-variable/geist-mono': '@fontsource-variable/geist-mono/index.css',
} as const

type Name = keyof typeof anchors

/** Bare names in the page’s modules, and the file of a package that each stands for. */
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

/** What the page takes from packages: their files under addresses that name the version, so that a browser keeps them for good. */
export const servedPackages = () => {
  const found = new Map<string, ServedPackage>(
    Object.entries(anchors).map(([name, anchor]) => [name, locate(name, anchor)]),
  )
  const address = (name: Name, file: string): string => `/portal/lib/${name}@${found.get(name)?.version}/${file}`
  return {
    importMap: { imports: Object.fromEntries(Object.entries(imports).map(([bare, at]) => [bare, address(...at)])) },
    styles: styles.map(at => address(...at)),
    packages: new Map([...found.values()].map(one => [`${one.name}@${one.version}`, one])),
  }
}

const locate = (name: string, anchor: string): ServedPackage => {
  const folder = packageFolder(name, anchor)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return { name, version, folder }
}
