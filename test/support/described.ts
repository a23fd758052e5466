import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import * as formats from 'ajv-formats'

interface Described {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}
type Responses = Readonly<Record<string, Described>>
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>
  readonly components: object
}
export interface Answered {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly contentType: string
  readonly body: unknown
}

const checks = new Map<string, Promise<(answered: Answered) => void>>()

/** Throws when a service gave an answer that its own /openapi.json does not describe. Every call of a test's client runs it. */
export const checkDescribed = async (base: string, answered: Answered): Promise<void> => {
  let check = checks.get(base)
  if (check === undefined) checks.set(base, (check = load(base)))
  const run = await check.catch(() => void checks.delete(base))
  run?.(answered)
}

const load = async (base: string) => {
  const answer = await fetch(`${base}/openapi.json`)
  if (!answer.ok) throw new Error(`no description: ${answer.status}`)
  return createCheck((await answer.json()) as Document)
}

const createCheck = ({ paths, components }: Document) => {
  const ajv = new Ajv2020({ strict: false })
  formats.default.default(ajv)
  const compiled = new Map<object, ValidateFunction>()
  const templates = Object.entries(paths).map(([template, methods]) => ({
    methods,
    // Fixed parts come before parameters: /deliveries/live before /deliveries/{id}.
    parameters: template.split('{').length,
    pattern: new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }))
  templates.sort((a, b) => a.parameters - b.parameters)

  return ({ method, path, status, contentType, body }: Answered): void => {
    const [pathname = ''] = path.split('?')
    const responses = templates.find(({ pattern }) => pattern.test(pathname))?.methods[method.toLowerCase()]?.responses
    if (responses === undefined) return
    const where = `${method} ${path} answered ${status}`
    const response = responses[String(status)]
    if (response === undefined) throw new Error(`${where}, which /openapi.json does not describe`)
    const [type = ''] = contentType.split(';')
    if (response.content === undefined) return
    const schema = response.content[type]?.schema
    if (schema === undefined) throw new Error(`${where} as ${type}, which /openapi.json does not describe`)
    let validate = compiled.get(schema)
    if (validate === undefined) compiled.set(schema, (validate = ajv.compile({ ...schema, components })))
    if (!validate(body))
      throw new Error(`${where}, unlike its description: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`)
  }
}
