import type { FailureCode } from '../../../domain/failure.ts'
import { problemAnswer } from '../../http/problem.ts'
import { problemKinds } from '../../http/problem-kinds.ts'
import { type Operation, takesKey } from '../operation.ts'
import type { References } from './references.ts'

/** Describes the problems that an operation can answer with, by status. A status that it also answers with itself keeps that description. */
export const describeProblems = (
  operation: Operation,
  answers: Readonly<Record<string, { readonly description: string; readonly content?: object }>>,
  refer: References['refer'],
): Record<string, object> => {
  const byStatus = Object.groupBy(problemsOf(operation), code => String(problemKinds[code].status))
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, codes = []]) => {
      const own = answers[status]
      const texts = codes.map(code => `\`${code}\`: ${problemKinds[code].title}`)
      return [
        status,
        {
          description: [...(own === undefined ? [] : [own.description]), ...texts].join('; '),
          content: { ...own?.content, 'application/problem+json': { schema: refer(problemAnswer) } },
        },
      ]
    }),
  )
}

const problemsOf = ({ access, path, body, method, problems = [] }: Operation): FailureCode[] => [
  ...new Set<FailureCode>([
    ...problems,
    ...(access === 'open' ? [] : (['unauthenticated', 'token_expired', 'forbidden', 'rate_limited'] as const)),
    ...(path.includes('{tenant}') ? (['unknown_tenant'] as const) : []),
    'invalid_request',
    ...(body === undefined
      ? []
      : (['malformed_json', 'not_utf8', 'payload_too_large', 'unsupported_media_type'] as const)),
    ...(takesKey({ method, access }) ? (['idempotency_key_in_use', 'idempotency_key_reused'] as const) : []),
    ...(access === 'open' ? [] : (['identity_provider_unavailable'] as const)),
    'headers_too_large',
    'ledger_unavailable',
    'starting',
    'internal',
  ]),
]
