import { cp, readFile } from 'node:fs/promises'
import { join, matchesGlob, relative } from 'node:path'

/** One stage of a Dockerfile, as far as the tests need it to build an image without an engine. */
export interface Stage {
  readonly name: string
  readonly base: string
  readonly copies: readonly { readonly from: string | null; readonly sources: readonly string[]; readonly to: string }[]
  readonly runs: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly command: readonly string[]
  readonly healthcheck: readonly string[]
  readonly user: string | null
}

/** Reads the instructions that this project's Dockerfile uses. Throws on any other, so that none is ignored. */
export const readDockerfile = (text: string): readonly Stage[] => {
  const stages: { -readonly [Key in keyof Stage]: Stage[Key] }[] = []
  for (const [, word = '', rest = ''] of instructionsOf(text).matchAll(/^([A-Z]+) (.*)$/gm)) {
    if (word === 'FROM') {
      const [base = '', , name = ''] = rest.split(' ')
      const parent = stages.find(stage => stage.name === base)
      stages.push({
        copies: [],
        runs: [],
        environment: {},
        command: [],
        healthcheck: [],
        user: null,
        ...parent,
        name,
        base,
      })
      continue
    }
    const stage = stages.at(-1)
    if (stage === undefined) throw new Error(`${word} before FROM`)
    if (word === 'COPY') {
      const [, from, paths = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(rest) ?? []
      const sources = paths.split(' ')
      stage.copies = [...stage.copies, { from: from ?? null, sources: sources.slice(0, -1), to: sources.at(-1) ?? '' }]
    } else if (word === 'RUN') stage.runs = [...stage.runs, rest]
    else if (word === 'ENV')
      stage.environment = { ...stage.environment, ...Object.fromEntries(rest.split(' ').map(pair => pair.split('='))) }
    else if (word === 'CMD') stage.command = JSON.parse(rest) as string[]
    else if (word === 'HEALTHCHECK') stage.healthcheck = JSON.parse(rest.replace(/^.*?CMD /, '')) as string[]
    else if (word === 'USER') stage.user = rest
    else if (!['WORKDIR', 'EXPOSE'].includes(word)) throw new Error(`The tests do not know the instruction ${word}`)
  }
  return stages
}

const instructionsOf = (text: string): string => text.replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n\s*/g, '')

/** Returns whether a path of the project is part of the build's context: the last matching line of .dockerignore decides. */
export const createContext = (dockerignore: string) => {
  const rules = dockerignore
    .split('\n')
    .filter(line => line !== '')
    .map(line => ({ isTaken: line.startsWith('!'), pattern: line.replace(/^!/, '') }))
  const matches = (path: string, pattern: string) => matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`)
  return (path: string): boolean => rules.findLast(({ pattern }) => matches(path, pattern))?.isTaken ?? true
}

/** Copies exactly the files of the project that the image gets. */
export const copyStage = async (project: string, stage: Stage, target: string): Promise<void> => {
  const isTaken = createContext(await readFile(join(project, '.dockerignore'), 'utf8'))
  for (const { from, sources, to } of stage.copies) {
    if (from !== null) continue
    for (const source of sources)
      await cp(join(project, source), join(target, to, sources.length > 1 || to.endsWith('/') ? source : ''), {
        recursive: true,
        filter: file => isTaken(relative(project, file)),
      })
  }
}
