import type { FailureCode } from '../../../domain/failure.ts'
import { tenantIdPattern } from '../../../domain/tenant.ts'
import { problemAnswer } from '../../answers.ts'
import type { AnswerSpec, Operation } from '../operation.ts'
import { problemKinds } from '../../http/problem-kinds.ts'
import { refer } from './refer.ts'

/** One operation as OpenAPI writes it, with every way in which it can fail. */
export const describeOperation = (operation: Operation): object => {
  const { id, tag, summary, description, access, body, answers } = operation
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, accessText(operation)].filter(text => text !== undefined).join('\n\n'),
    ...(access === 'open' ? { security: [] } : {}),
    parameters: [...pathParameters(operation), ...queryParameters(operation), ...headerParameters(operation)],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.optional !== true,
            content: {
              [body.contentType ?? 'application/json']: {
                schema: refer(body.shown ?? body.schema),
                ...(body.example === undefined ? {} : { example: body.example }),
              },
            },
          },
        }),
    responses: { ...mapValues(answers, describeAnswer), ...problemResponses(operation) },
  }
}

const accessText = ({ access }: Operation): string | undefined => {
  if (access === 'open') return 'Needs no token.'
  if (access === 'known') return 'For every token that is known.'
  if (access === 'operator') return 'For the operator.'
  return `Scope: \`${access}\`.`
}

const pathParameters = ({ path }: Operation): object[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'tenant' ? { type: 'string', pattern: tenantIdPattern } : { type: 'string', minLength: 1 },
  }))

const queryParameters = ({ query }: Operation): object[] =>
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

const keyText = 'Makes the call repeatable for 24 hours: the same key and body are worked on once, and answered alike'

export const takesKey = ({ method, access }: Pick<Operation, 'method' | 'access'>): boolean =>
  method === 'post' && access !== 'open'

const describeAnswer = ({ description, schema, contentType = 'application/json', headers }: AnswerSpec): object => ({
  description,
  ...(headers === undefined
    ? {}
    : { headers: mapValues(headers, text => ({ description: text, schema: { type: 'string' } })) }),
  ...(schema === undefined && contentType === 'application/json'
    ? {}
    : { content: { [contentType]: { schema: refer(schema ?? { type: 'string' }) } } }),
})

/** The codes of each status, with the same shape everywhere. */
const problemResponses = (operation: Operation): Record<string, object> => {
  const byStatus = Object.groupBy(problemsOf(operation), code => String(problemKinds[code][0]))
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, codes = []]) => {
      const own = operation.answers[Number(status)]
      const described = own === undefined ? {} : (describeAnswer(own) as { content?: object })
      return [
        status,
        {
          description: [own?.description, ...codes.map(code => `\`${code}\`: ${problemKinds[code][1]}`)]
            .filter(text => text !== undefined)
            .join('; '),
          content: { ...described.content, 'application/problem+json': { schema: refer(problemAnswer) } },
        },
      ]
    }),
  )
}

const problemsOf = ({ access, path, query, body, method, problems = [] }: Operation): FailureCode[] => [
  ...new Set<FailureCode>([
    ...problems,
    ...(access === 'open' ? [] : (['unauthenticated', 'token_expired', 'forbidden', 'rate_limited'] as const)),
    ...(path.includes('{tenant}') ? (['unknown_tenant', 'invalid_request'] as const) : []),
    ...(query === undefined && body === undefined ? [] : (['invalid_request'] as const)),
    ...(body === undefined
      ? []
      : (['malformed_json', 'not_utf8', 'payload_too_large', 'unsupported_media_type'] as const)),
    ...(takesKey({ method, access }) ? (['idempotency_key_in_use', 'idempotency_key_reused'] as const) : []),
    'invalid_request',
    ...(access === 'open' ? [] : (['identity_provider_unavailable'] as const)),
    'headers_too_large',
    'ledger_unavailable',
    'starting',
    'internal',
  ]),
]

const mapValues = <T, R>(values: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
