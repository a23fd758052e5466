import { tenantIdPattern } from '../../../domain/tenant.ts'
import { type AnswerSpec, type Operation, takesKey } from '../operation.ts'
import { describeProblems } from './describe-problems.ts'
import type { References } from './references.ts'

type Refer = References['refer']

/** Describes one operation as OpenAPI does, with every problem that it can answer with. */
export const describeOperation = (operation: Operation, refer: Refer): object => {
  const { id, tag, summary, description, access, body } = operation
  const answers = mapValues(operation.answers, answer => describeAnswer(answer, refer))
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, accessText(operation)].filter(text => text !== undefined).join('\n\n'),
    ...(access === 'open' ? { security: [] } : {}),
    parameters: [...pathParameters(operation), ...queryParameters(operation, refer), ...headerParameters(operation)],
    ...(body === undefined ? {} : { requestBody: describeBody(body, refer) }),
    responses: { ...answers, ...describeProblems(operation, answers, refer) },
  }
}

const accessText = ({ access }: Operation): string => {
  if (access === 'open') return 'Needs no token.'
  if (access === 'known') return 'For every valid token.'
  if (access === 'operator') return 'For the operator.'
  return `Scope: \`${access}\`.`
}

const describeBody = (
  { schema, shown = schema, optional, contentType, example }: Required<Operation>['body'],
  refer: Refer,
) => ({
  required: optional !== true,
  content: {
    [contentType ?? 'application/json']: { schema: refer(shown), ...(example === undefined ? {} : { example }) },
  },
})

const pathParameters = ({ path }: Operation): object[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'tenant' ? { type: 'string', pattern: tenantIdPattern } : { type: 'string', minLength: 1 },
  }))

const queryParameters = ({ query }: Operation, refer: Refer): object[] =>
  Object.entries(query?.properties ?? {}).map(([name, schema]) => {
    const { description, ...rest } = schema as { description?: string }
    return {
      name,
      in: 'query',
      required: query?.required?.includes(name) === true,
      ...(description === undefined ? {} : { description }),
      schema: refer(rest),
    }
  })

const headerParameters = ({ headers = {}, method, access }: Operation): object[] => {
  const all = takesKey({ method, access }) ? { ...headers, 'Idempotency-Key': keyText } : headers
  return Object.entries(all).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: name === 'Idempotency-Key' ? { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' } : { type: 'string' },
  }))
}

const keyText =
  'Makes the call repeatable for 24 hours: the same key and body are processed once and get the same answer'

const describeAnswer = (
  { description, schema, contentType = 'application/json', headers }: AnswerSpec,
  refer: Refer,
): { readonly description: string; readonly content?: object } => ({
  description,
  ...(headers === undefined
    ? {}
    : { headers: mapValues(headers, text => ({ description: text, schema: { type: 'string' } })) }),
  ...(schema === undefined && contentType === 'application/json'
    ? {}
    : { content: { [contentType]: { schema: refer(schema ?? { type: 'string' }) } } }),
})

const mapValues = <T, R>(values: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
