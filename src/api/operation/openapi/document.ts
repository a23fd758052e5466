import type { EventType } from '../../../../config/event-types/event-type.ts'
import { version } from '../../../../config/version.ts'
import type { Operation } from '../operation.ts'
import { describeOperation } from './describe-operation.ts'
import { createReferences } from './references.ts'
import { tags } from './tags.ts'
import { describeWebhooks } from './webhooks.ts'

interface Served {
  readonly publicUrl: string
  readonly eventTypes: readonly EventType[]
}

/** Describes the API as an OpenAPI 3.1 document: the operations that are served, and every webhook that a receiver gets. */
export const openApiOf = (operations: readonly Operation[], { publicUrl, eventTypes }: Served) => {
  const { refer, shapes } = createReferences()
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations)
    (paths[operation.path] ??= {})[operation.method] = describeOperation(operation, refer)
  return {
    openapi: '3.1.1',
    info: {
      title: 'Doorbell',
      version,
      summary: 'Webhooks for visitor check-ins',
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl }],
    security: [{ token: [] }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    webhooks: describeWebhooks(eventTypes),
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'The operator’s token, or a tenant’s token with the scope.',
        },
      },
      schemas: shapes,
    },
  }
}

const introduction = `Errors are \`application/problem+json\` (RFC 9457) with a stable \`code\` and a \`traceId\`, which is null if the request could not be read.
Lists answer with \`{items, next}\`: send \`next\` as \`cursor\` to get the next page.
A POST that needs a token may carry an \`Idempotency-Key\`: the same request with the same key is processed once within 24 hours and gets the same answer.
A tenant’s token has a quota of requests per minute. \`RateLimit\` and \`RateLimit-Policy\` show it; beyond it requests are answered with 429 and \`Retry-After\`.`
